import Keys
import Testing
import Transport
import Wire

/// A proposal with data behind it, refused by a peer that then resets the stream, because of the data. Bytes are given to the connection by hand, so
/// each order of events is tried, and none is left to chance.
@Suite("a refused proposal", .timeLimit(.minutes(5)))
struct RefusedProposalTests {
    private static let header = Array(MultistreamInitiator(["/x"]).start().prefix(20))
    private static let refusal = header + [3] + Array("na\n".utf8)
    private static let agreement = header + [8] + Array("/none/1\n".utf8)
    private static let reset = Raw.frame(Raw.window, Raw.rst, 1, 0)
    private static let refused = TransportError.protocolsRefused(["/none/1"])

    /// A connection that nothing carries.
    private static func connection() -> YamuxConnection {
        YamuxConnection(
            remotePeer: PeerID(key(2).publicKey), remoteAddress: Multiaddress("/memory/1")!, isOutbound: true,
            limits: TransportLimits(), link: .init(wake: {}, close: {}))
    }

    private static func proposed() async throws -> (YamuxConnection, any MuxedStream) {
        let connection = connection()
        return (connection, try await connection.open(known: "/none/1", deadline: .seconds(60)))
    }

    /// `bytes` in two frames, cut at `split`.
    private static func frames(_ bytes: [UInt8], _ split: Int) -> [UInt8] {
        Raw.data(1, Array(bytes[..<split])) + Raw.data(1, Array(bytes[split...]))
    }

    /// What a caller does when the refusal and the reset have come.
    private enum Call: CaseIterable, Sendable {
        case read, write, closeWrite

        func made(on stream: any MuxedStream) async throws {
            switch self {
            case .read: _ = try await stream.read()
            case .write: try await stream.write([9])
            case .closeWrite: try await stream.closeWrite()
            }
        }
    }

    private static let orders: [[Call]] = [
        [.read, .write, .closeWrite], [.write, .read, .closeWrite], [.closeWrite, .write, .read],
    ]

    @Test("once refusal and reset have come every call says so, however they were cut and whatever is called first")
    func afterwards() async throws {
        for split in 0...Self.refusal.count {
            let bytes = Self.frames(Self.refusal, split) + Self.reset
            for cut in 0..<bytes.count {
                for order in Self.orders {
                    let (connection, stream) = try await Self.proposed()
                    try await stream.write([1, 2, 3])
                    connection.received(Array(bytes[..<cut]))
                    connection.received(Array(bytes[cut...]))
                    var errors: [TransportError?] = []
                    for call in order + order {
                        do {
                            try await call.made(on: stream)
                            errors.append(nil)
                        } catch { errors.append(error as? TransportError) }
                    }
                    // One check for all: there are thousands of cases.
                    let isClear = errors.allSatisfy { $0 == Self.refused }
                    if !isClear { Issue.record("split \(split), cut \(cut), \(order): \(errors)") }
                }
            }
        }
    }

    @Test("a write between two parts of the refusal goes out or says so, and the read behind it says so")
    func between() async throws {
        let bytes = Self.frames(Self.refusal, 5) + Self.reset
        for cut in 0...bytes.count {
            let (connection, stream) = try await Self.proposed()
            connection.received(Array(bytes[..<cut]))
            do { try await stream.write([1, 2, 3]) } catch { #expect(error as? TransportError == Self.refused) }
            connection.received(Array(bytes[cut...]))
            await #expect(throws: Self.refused) { try await stream.read() }
            await #expect(throws: Self.refused) { try await stream.write([4]) }
        }
    }

    @Test("a read and a write that wait when refusal and reset come both say so")
    func waiting() async throws {
        let frames = Raw.data(1, Self.refusal) + Self.reset
        for cut in 0..<frames.count {
            let (connection, stream) = try await Self.proposed()
            let reading = Task.immediate { try await stream.read() }
            // More than the window takes.
            let writing = Task.immediate { try await stream.write([UInt8](repeating: 1, count: 300 << 10)) }
            connection.received(Array(frames[..<cut]))
            connection.received(Array(frames[cut...]))
            await #expect(throws: Self.refused) { try await reading.value }
            await #expect(throws: Self.refused) { try await writing.value }
        }
    }

    @Test("a connection that ends behind the refusal does not hide it")
    func connectionEnds() async throws {
        for order in Self.orders {
            let (connection, stream) = try await Self.proposed()
            connection.received(Raw.data(1, Self.refusal))
            connection.close()
            for call in order { await #expect(throws: Self.refused) { try await call.made(on: stream) } }
        }
    }

    @Test("a reset before the whole refusal is a reset")
    func early() async throws {
        for count in 0..<Self.refusal.count {
            for order in Self.orders {
                let (connection, stream) = try await Self.proposed()
                connection.received(Raw.data(1, Array(Self.refusal.prefix(count))) + Self.reset)
                for call in order {
                    await #expect(throws: TransportError.streamReset) { try await call.made(on: stream) }
                }
            }
        }
    }

    @Test("a peer that ends the stream without an answer has refused")
    func silent() async throws {
        let (connection, stream) = try await Self.proposed()
        connection.received(Raw.frame(Raw.window, Raw.fin, 1, 0))
        await #expect(throws: Self.refused) { try await stream.read() }
    }

    @Test("an agreement, data and a reset: the data are read, then the reset throws, wherever a write fails between")
    func agreed() async throws {
        let bytes = Self.agreement + [5, 6, 7]
        for split in 0...bytes.count {
            for writesFirst in [false, true] {
                let (connection, stream) = try await Self.proposed()
                connection.received(Self.frames(bytes, split) + Self.reset)
                func write() async {
                    await #expect(throws: TransportError.streamReset) { try await stream.write([1]) }
                }
                if writesFirst { await write() }
                #expect(try await stream.read(exactly: 3) == [5, 6, 7])
                await write()
                await #expect(throws: TransportError.streamReset) { try await stream.read() }
            }
        }
    }

    @Test("an agreement, data, the end and a reset: the data are read, and the end")
    func agreedToTheEnd() async throws {
        let bytes = Self.agreement + [5, 6, 7]
        let (connection, stream) = try await Self.proposed()
        connection.received(Raw.data(1, bytes, Raw.fin) + Self.reset)
        #expect(try await stream.readAll() == [5, 6, 7])
        #expect(try await stream.read() == [])
        await #expect(throws: TransportError.streamReset) { try await stream.write([1]) }
    }

    @Test("a proposal that is waited for is refused likewise")
    func waitedFor() async throws {
        for split in 0...Self.refusal.count {
            let connection = Self.connection()
            let opening = Task.immediate { try await connection.open(["/none/1"], deadline: .seconds(60)).protocolID }
            let proposal = MultistreamInitiator(["/none/1"]).start()
            var said: [UInt8] = []
            while !said.suffix(proposal.count).elementsEqual(proposal) {
                said += connection.takeOutput()
                await Task.yield()
            }
            connection.received(Self.frames(Self.refusal, split) + Self.reset)
            await #expect(throws: Self.refused) { try await opening.value }
        }
    }
}
