import Keys
import NIOCore
import Testing
import Transport
import Wire

/// How often the two sides of a new connection have to wait for each other. Nothing here looks at a clock.
@Suite("flights of a new connection", .timeLimit(.minutes(3)))
struct FlightTests {
    private static let proposal = MultistreamInitiator(["/noise"]).start()
    private static let header = Array(proposal.prefix(20))
    private static let refusal: [UInt8] = header + [3] + Array("na\n".utf8)
    /// Header and `/noise`, message 1: length and ephemeral key.
    private static let firstFlight = 28 + 34
    /// Header and `/noise`, message 2 with the list of muxers.
    private static let firstAnswer = 28 + 218

    /// Bytes of each flight: all that a side says to all that it has heard.
    private func flights(_ duel: inout Duel) throws -> (dialler: [Int], listener: [Int]) {
        var flights: (dialler: [Int], listener: [Int]) = ([], [])
        var said = try duel.dialler.start()
        while !said.isEmpty {
            flights.dialler.append(said.count)
            let answer = try duel.listener.receive(said)
            guard !answer.isEmpty else { break }
            flights.listener.append(answer.count)
            guard duel.dialler.result == nil else { break }
            said = try duel.dialler.receive(answer)
        }
        #expect(duel.dialler.result != nil && duel.listener.result != nil)
        return flights
    }

    @Test("the dialler waits once where both inline the muxer; the muxer is proposed behind message 3 where not")
    func counts() throws {
        let muxer = 20 + 14 + 18  // Header and `/yamux/1.0.0`, sealed.
        var both = Duel()
        #expect(try flights(&both) == ([Self.firstFlight, 186], [Self.firstAnswer]))
        var dialler = Duel(listenerInlines: false)
        #expect(try flights(&dialler) == ([Self.firstFlight, 186 + muxer], [Self.firstAnswer - 16, muxer]))
        var listener = Duel(diallerInlines: false)
        #expect(try flights(&listener) == ([Self.firstFlight, 170 + muxer], [Self.firstAnswer, muxer]))
    }

    @Test("the first flight is header, /noise and message 1, and message 1 is a key and nothing else")
    func firstFlight() throws {
        var dialler = ConnectionUpgrade(key: key(1), isInitiator: true, expected: PeerID(key(2).publicKey))
        let said = try dialler.start()
        #expect(said.starts(with: Self.proposal + [0, 32]))
        #expect(said.count == Self.firstFlight)
        var other = ConnectionUpgrade(key: key(1), isInitiator: true, expected: PeerID(key(2).publicKey))
        #expect(try other.start() != said)  // A new ephemeral key each time.
        var listener = ConnectionUpgrade(key: key(2), isInitiator: false)
        #expect(try listener.start() == [])
    }

    @Test(
        "where the first flight and its answer are cut changes nothing; nor does a dialler that waits before message 1")
    func everyCut() throws {
        for cut in 0...Self.firstFlight {
            var duel = Duel()
            let said = try duel.dialler.start()
            try #require(said.count == Self.firstFlight)
            let one = try duel.listener.receive(Array(said[..<cut]))
            let two = try duel.listener.receive(Array(said[cut...]))
            #expect((one + two).count == Self.firstAnswer)
            #expect(one.count == (cut < 20 ? 0 : cut < 28 ? 20 : cut < Self.firstFlight ? 28 : Self.firstAnswer))
            #expect(try duel.listener.receive(duel.dialler.receive(one + two)) == [])
            #expect(duel.dialler.result != nil && duel.listener.result != nil)
        }
        for cut in 0...Self.firstAnswer {
            var duel = Duel()
            let answer = try duel.listener.receive(duel.dialler.start())
            try #require(answer.count == Self.firstAnswer)
            let one = try duel.dialler.receive(Array(answer[..<cut]))
            #expect(one.isEmpty == (cut < Self.firstAnswer))  // Nothing goes out before the listener is known.
            let two = cut < Self.firstAnswer ? try duel.dialler.receive(Array(answer[cut...])) : []
            #expect(try duel.listener.receive(one + two) == [])
            #expect(duel.dialler.result != nil && duel.listener.result != nil)
        }
    }

    @Test("a listener that refuses /noise is the same clear error, whatever it says behind and wherever it is cut")
    func refused() throws {
        for rest in [[], [0], [0, 32] + [UInt8](repeating: 7, count: 32), Array(Self.refusal.dropFirst(20))] {
            let answer = Self.refusal + rest
            for cut in 0..<Self.refusal.count {
                var dialler = ConnectionUpgrade(key: key(1), isInitiator: true)
                _ = try dialler.start()
                #expect(try dialler.receive(Array(answer[..<cut])) == [])
                #expect(throws: ConnectionUpgrade.Failure.negotiation(.refused(["/noise"]))) {
                    try dialler.receive(Array(answer[cut...]))
                }
            }
        }
    }

    @Test("a listener refuses another security protocol, and ends a connection with data of that protocol behind")
    func otherSecurity() throws {
        let other = MultistreamInitiator(["/tls/1.0.0"]).start()
        var patient = ConnectionUpgrade(key: key(2), isInitiator: false)
        #expect(try patient.receive(other) == Self.refusal)
        #expect(try patient.receive(Array(Self.proposal.dropFirst(20))) == Array(Self.proposal.dropFirst(20)))
        var eager = ConnectionUpgrade(key: key(2), isInitiator: false)
        #expect(throws: ConnectionUpgrade.Failure.negotiation(.malformedMessage)) {
            // A ClientHello begins like this.
            try eager.receive(other + [0x16, 3, 1] + [UInt8](repeating: 0, count: 40))
        }
    }

    @Test("over TCP, message 1 does not wait for the answer to the proposal")
    func firstFlightOverTCP() async throws {
        try await withPair(.tcp) { near, _, address in
            let latch = Latch()
            let heard: @Sendable ([UInt8]) -> Void = { if $0.count >= Self.firstFlight { latch.open() } }
            try await withRelay(to: address, holding: 0, until: latch, heard: heard) { relay in
                let connection = try await near.dial(relay.with(PeerID(key(2).publicKey)), deadline: .seconds(60))
                connection.close()
            }
        }
    }

    @Test("over TCP, a request is with the listener before anything but message 2 has come back")
    func requestOverTCP() async throws {
        let latch = Latch()
        let services = Services().adding("/question/1") { stream in
            let question = try await stream.readAll()
            latch.open()
            try await stream.write(question.reversed())
            try await stream.closeWrite()
        }
        try await withPair(.tcp, services) { near, _, address in
            try await withRelay(to: address, holding: Self.firstAnswer, until: latch) { relay in
                let connection = try await near.dial(relay.with(PeerID(key(2).publicKey)), deadline: .seconds(60))
                let stream = try await connection.open(known: "/question/1", deadline: .seconds(60))
                try await stream.write([1, 2, 3])
                try await stream.closeWrite()
                let answer = try await withDeadline(.seconds(60), "an answer") { try await stream.readAll() }
                #expect(answer == [3, 2, 1])
                connection.close()
            }
        }
    }

    @Test("over TCP, a dialler that is refused says so and closes")
    func refusedOverTCP() async throws {
        let (closed, closing) = AsyncStream.makeStream(of: Void.self)
        try await withListener(
            { connection in
                try await connection.executeThenClose { inbound, outbound in
                    var peer = RawPeer(inbound: inbound.makeAsyncIterator(), outbound: outbound)
                    _ = await peer.receive()
                    try await peer.send(Self.refusal)
                    await peer.drain()
                    closing.yield()
                }
            },
            { address in
                let node = TCPTransport(key: key(1), limits: TransportLimits(), delegate: Services(), logger: quiet)
                let failure = ConnectionUpgrade.Failure.negotiation(.refused(["/noise"]))
                await #expect(throws: TransportError.handshakeFailed("\(failure)")) {
                    try await node.dial(address, deadline: .seconds(60))
                }
                for await _ in closed { break }
            })
    }
}
