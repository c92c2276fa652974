import Keys
import Testing
import Transport

/// Builds frames by hand, so that the tests do not share the encoder of the session.
enum Raw {
    static let data: UInt8 = 0
    static let window: UInt8 = 1
    static let ping: UInt8 = 2
    static let goAway: UInt8 = 3
    static let syn: UInt16 = 1
    static let ack: UInt16 = 2
    static let fin: UInt16 = 4
    static let rst: UInt16 = 8

    static func frame(_ kind: UInt8, _ flags: UInt16, _ stream: UInt32, _ value: UInt32, _ body: [UInt8] = [])
        -> [UInt8]
    {
        var bytes: [UInt8] = [0, kind, UInt8(flags >> 8), UInt8(flags & 255)]
        for word in [stream, value] {
            for shift in [24, 16, 8, 0] { bytes.append(UInt8(word >> UInt32(shift) & 255)) }
        }
        return bytes + body
    }

    static func data(_ stream: UInt32, _ body: [UInt8], _ flags: UInt16 = 0) -> [UInt8] {
        frame(data, flags, stream, UInt32(body.count), body)
    }
}

@Suite("yamux session")
struct YamuxSessionTests {
    private func server(_ change: (inout YamuxSession.Limits) -> Void = { _ in }) -> YamuxSession {
        var limits = YamuxSession.Limits()
        change(&limits)
        return YamuxSession(role: .server, limits: limits)
    }

    @Test("frames have the layout of the specification: open, data, end, reset, ping, go away")
    func layout() throws {
        var session = YamuxSession(role: .client)
        let id = try session.open()
        #expect(id == 1)
        #expect(session.takeOutput() == Raw.frame(Raw.window, Raw.syn, 1, 0))
        #expect(try session.write(id, [9, 8, 7], from: 1) == 2)
        #expect(session.takeOutput() == Raw.data(1, [8, 7]))
        try session.closeWrite(id)
        #expect(session.takeOutput() == Raw.frame(Raw.window, Raw.fin, 1, 0))
        try session.closeWrite(id)
        #expect(session.takeOutput() == [])
        #expect(throws: YamuxSession.Refusal.closed) { try session.write(id, [1], from: 0) }
        session.reset(id)
        #expect(session.takeOutput() == Raw.frame(Raw.window, Raw.rst, 1, 0))
        session.reset(id)
        #expect(session.takeOutput() == [])
        #expect(throws: YamuxSession.Refusal.gone) { try session.write(id, [1], from: 0) }
        session.ping(0x0102_0304)
        #expect(session.takeOutput() == Raw.frame(Raw.ping, Raw.syn, 0, 0x0102_0304))
        session.goAway(2)
        #expect(session.takeOutput() == Raw.frame(Raw.goAway, 0, 0, 2))
        #expect(try session.open() == 3)
        var other = server()
        #expect(try other.open() == 2)
    }

    @Test("a stream of the peer is acknowledged, read and answered; both ends make it disappear")
    func inbound() throws {
        var session = server()
        let events = try session.receive(
            Raw.frame(Raw.window, Raw.syn, 1, 100) + Raw.data(1, [1, 2]) + Raw.data(1, [3], Raw.fin), at: .zero)
        #expect(events == [.opened(1), .writable(1), .readable(1), .readable(1), .readable(1)])
        #expect(session.takeOutput() == Raw.frame(Raw.window, Raw.ack, 1, 0))
        #expect(session.read(1, at: .zero) == .bytes([1, 2, 3]))
        #expect(session.read(1, at: .zero) == .end)
        #expect(session.inboundCount == 1)
        #expect(try session.write(1, [4], from: 0) == 1)
        try session.closeWrite(1)
        #expect(session.inboundCount == 0)
        #expect(session.read(1, at: .zero) == .gone)
        #expect(session.takeOutput() == Raw.data(1, [4]) + Raw.frame(Raw.window, Raw.fin, 1, 0))
    }

    @Test("data may come with the opening frame")
    func dataWithSyn() throws {
        var session = server()
        #expect(try session.receive(Raw.data(5, [7], Raw.syn), at: .zero) == [.opened(5), .readable(5)])
        #expect(session.read(5, at: .zero) == .bytes([7]))
    }

    @Test("the outcome does not depend on how the bytes are cut")
    func cuts() throws {
        let input =
            Raw.frame(Raw.window, Raw.syn, 1, 0) + Raw.data(1, Array(0..<50)) + Raw.frame(Raw.ping, Raw.syn, 0, 7)
            + Raw.data(3, Array(50..<90), Raw.syn) + Raw.data(1, [1], Raw.fin) + Raw.frame(Raw.window, Raw.rst, 3, 0)
        var whole = server()
        _ = try whole.receive(input, at: .zero)
        let output = whole.takeOutput()
        for size in 1..<input.count {
            var session = server()
            var rest = input[...]
            while !rest.isEmpty {
                _ = try session.receive(Array(rest.prefix(size)), at: .zero)
                rest = rest.dropFirst(size)
            }
            #expect(session.takeOutput() == output)
            #expect(session.read(1, at: .zero) == .bytes(Array(0..<50) + [1]))
            #expect(session.read(1, at: .zero) == .end)
            #expect(session.read(3, at: .zero) == .bytes(Array(50..<90)))
            #expect(session.read(3, at: .zero) == .gone)
            #expect(session.unreadBytes == 0)
        }
    }

    @Test("a writer gets 256 KiB and not one byte more before the peer grants it")
    func sendWindow() throws {
        var session = YamuxSession(role: .client)
        let id = try session.open()
        let block = [UInt8](repeating: 5, count: 300 << 10)
        var sent = 0
        while true {
            let count = try session.write(id, block, from: sent)
            if count == 0 { break }
            sent += count
        }
        #expect(sent == 256 << 10)
        #expect(
            try session.receive(Raw.frame(Raw.window, Raw.ack, id, 10), at: .zero) == [
                .acknowledged(id), .writable(id),
            ])
        #expect(try session.write(id, block, from: sent) == 10)
        #expect(try session.write(id, block, from: sent) == 0)
    }

    @Test("window is granted when half of it is read, not when it is received")
    func receiveWindow() throws {
        var session = server()
        let block = [UInt8](repeating: 1, count: 64 << 10)
        _ = try session.receive(Raw.frame(Raw.window, Raw.syn, 1, 0), at: .zero)
        for _ in 0..<4 { _ = try session.receive(Raw.data(1, block), at: .zero) }
        _ = session.takeOutput()
        #expect(session.unreadBytes == 256 << 10)
        #expect(session.read(1, at: .zero) == .bytes(block))
        #expect(session.takeOutput() == [])
        #expect(session.read(1, at: .zero) == .bytes(block))
        #expect(session.takeOutput() == Raw.frame(Raw.window, 0, 1, 128 << 10))
        #expect(throws: YamuxError.windowExceeded(stream: 1, length: 128 << 10 | 1)) {
            try session.receive(Raw.frame(Raw.data, 0, 1, 128 << 10 | 1), at: .zero)
        }
        #expect(session.takeOutput() == Raw.frame(Raw.goAway, 0, 0, 1))
    }

    @Test("the window doubles while it is used up in less than four round trips, up to its limit, and never otherwise")
    func growth() throws {
        func grants(roundTrip: Duration?, pause: Duration) throws -> [UInt32] {
            var session = server { $0.largestWindow = 1 << 20 }
            session.roundTrip = roundTrip
            _ = try session.receive(Raw.frame(Raw.window, Raw.syn, 1, 0), at: .zero)
            _ = session.takeOutput()
            var now = Duration.zero
            var grants: [UInt32] = []
            var credit = 256 << 10
            while grants.count < 6 {
                while credit > 0 {
                    let count = min(credit, 64 << 10)
                    _ = try session.receive(Raw.data(1, [UInt8](repeating: 0, count: count)), at: now)
                    credit -= count
                }
                while case .bytes = session.read(1, at: now) { now += pause }
                let output = session.takeOutput()
                #expect(output.count.isMultiple(of: 12))
                var granted: UInt32 = 0
                for start in stride(from: 0, to: output.count, by: 12) {
                    granted += output[start + 8..<start + 12].reduce(0) { $0 << 8 | UInt32($1) }
                }
                credit += Int(granted)
                grants.append(granted)
            }
            return grants
        }
        #expect(try grants(roundTrip: nil, pause: .milliseconds(1)).allSatisfy { $0 <= 256 << 10 })
        #expect(try grants(roundTrip: .milliseconds(10), pause: .milliseconds(41)).allSatisfy { $0 <= 256 << 10 })
        let fast = try grants(roundTrip: .milliseconds(10), pause: .milliseconds(1))
        #expect(fast.max() ?? 0 > 512 << 10)
        #expect(fast.last ?? 0 <= 1 << 20)
    }

    @Test("256 streams may wait for the acknowledgement; an acknowledgement or a reset makes room for one more")
    func ackBacklog() throws {
        var session = YamuxSession(role: .client)
        for _ in 0..<256 { _ = try session.open() }
        #expect(throws: YamuxSession.Refusal.backlogFull) { try session.open() }
        #expect(try session.receive(Raw.frame(Raw.window, Raw.ack, 1, 0), at: .zero) == [.acknowledged(1)])
        _ = try session.open()
        #expect(throws: YamuxSession.Refusal.backlogFull) { try session.open() }
        #expect(try session.receive(Raw.frame(Raw.window, Raw.rst, 3, 0), at: .zero) == [.reset(3)])
        _ = try session.open()
        #expect(throws: YamuxSession.Refusal.backlogFull) { try session.open() }
    }

    @Test("streams above the limit are reset, and the session goes on")
    func inboundLimit() throws {
        var session = server { $0.inboundStreams = 2 }
        for id in [1, 3] as [UInt32] { _ = try session.receive(Raw.frame(Raw.window, Raw.syn, id, 0), at: .zero) }
        _ = session.takeOutput()
        #expect(try session.receive(Raw.data(5, [1, 2, 3], Raw.syn), at: .zero) == [])
        #expect(session.takeOutput() == Raw.frame(Raw.window, Raw.rst, 5, 0))
        session.reset(1)
        _ = session.takeOutput()
        #expect(try session.receive(Raw.frame(Raw.window, Raw.syn, 7, 0), at: .zero) == [.opened(7)])
    }

    @Test("frames for streams that are no more are drained")
    func unknownStreams() throws {
        var session = server()
        let big = [UInt8](repeating: 0, count: 1 << 20)
        #expect(try session.receive(Raw.data(1, big) + Raw.frame(Raw.window, 0, 3, .max), at: .zero) == [])
        #expect(
            try session.receive(Raw.frame(Raw.window, Raw.fin, 1, 0) + Raw.frame(Raw.window, Raw.rst, 1, 9), at: .zero)
                == [])
        #expect(session.unreadBytes == 0)
        #expect(session.takeOutput() == [])
        #expect(try session.receive(Raw.frame(Raw.window, Raw.syn, 1, 0), at: .zero) == [.opened(1)])
    }

    @Test("a reset ends both directions, and what came before it can be read, once; its value is no window")
    func reset() throws {
        let reset = Raw.frame(Raw.window, Raw.rst, 1, 0x1001)
        var session = server()
        _ = try session.receive(Raw.frame(Raw.window, Raw.syn, 1, 0) + Raw.data(1, [1, 2, 3]), at: .zero)
        #expect(try session.receive(reset, at: .zero) == [.reset(1)])
        #expect(try session.receive(reset, at: .zero) == [])
        #expect(throws: YamuxSession.Refusal.gone) { try session.write(1, [1], from: 0) }
        #expect(session.inboundCount == 0 && session.unreadBytes == 3)
        #expect(session.read(1, at: .zero) == .bytes([1, 2, 3]))
        #expect(session.read(1, at: .zero) == .gone)
        #expect(session.unreadBytes == 0)
        // So can the end.
        _ = try session.receive(Raw.data(3, [4], Raw.syn | Raw.fin), at: .zero)
        #expect(try session.receive(Raw.frame(Raw.window, Raw.rst, 3, 0), at: .zero) == [.reset(3)])
        #expect(session.read(3, at: .zero) == .bytes([4]))
        #expect(session.read(3, at: .zero) == .end)
        #expect(session.read(3, at: .zero) == .end)
        session.reset(3)
        #expect(session.read(3, at: .zero) == .gone)
        // Nobody wants the rest of a stream that is abandoned here.
        _ = try session.receive(Raw.data(5, [5, 6], Raw.syn) + Raw.frame(Raw.window, Raw.rst, 5, 0), at: .zero)
        _ = session.takeOutput()
        session.reset(5)
        #expect(session.read(5, at: .zero) == .gone)
        #expect(session.unreadBytes == 0 && session.takeOutput() == [])
    }

    @Test("what was unread before a reset counts into the budget, and its stream's number is not used again")
    func resetRemains() throws {
        let block = [UInt8](repeating: 0, count: 256 << 10)
        var session = server { $0.receiveBudget = 1 << 20 }
        for id in [1, 3, 5, 7] as [UInt32] {
            _ = try session.receive(Raw.data(id, block, Raw.syn) + Raw.frame(Raw.window, Raw.rst, id, 0), at: .zero)
        }
        #expect(session.unreadBytes == 1 << 20)
        var other = session
        #expect(throws: YamuxError.budgetExceeded) { try other.receive(Raw.data(9, [1], Raw.syn), at: .zero) }
        #expect(throws: YamuxError.wrongStreamNumber(1)) {
            try session.receive(Raw.frame(Raw.window, Raw.syn, 1, 0), at: .zero)
        }
    }

    @Test("a ping is answered with its value, an answer is reported")
    func pings() throws {
        var session = server()
        #expect(try session.receive(Raw.frame(Raw.ping, Raw.syn, 0, 0xdead_beef), at: .zero) == [])
        #expect(session.takeOutput() == Raw.frame(Raw.ping, Raw.ack, 0, 0xdead_beef))
        #expect(try session.receive(Raw.frame(Raw.ping, Raw.ack, 0, 5), at: .zero) == [.pong(5)])
    }

    @Test("after the peer's good-bye no stream is opened, and open ones go on")
    func goAway() throws {
        var session = YamuxSession(role: .client)
        let id = try session.open()
        #expect(try session.receive(Raw.frame(Raw.goAway, 0, 0, 0), at: .zero) == [.goAway(0)])
        #expect(throws: YamuxSession.Refusal.goneAway) { try session.open() }
        #expect(try session.write(id, [1], from: 0) == 1)
    }

    @Test(
        "broken rules end the session with a go-away",
        arguments: [
            ([1, 0] + [UInt8](repeating: 0, count: 10), YamuxError.unknownVersion(1)),
            ([0, 4] + [UInt8](repeating: 0, count: 10), .unknownKind(4)),
            (Raw.frame(Raw.data, 0, 0, 0), .misplacedStream(0)), (Raw.frame(Raw.ping, 1, 7, 0), .misplacedStream(7)),
            (Raw.frame(Raw.goAway, 0, 7, 0), .misplacedStream(7)),
            (Raw.frame(Raw.window, Raw.syn, 2, 0), .wrongStreamNumber(2)),
            (Raw.frame(Raw.window, Raw.syn, 1, 0) + Raw.frame(Raw.window, Raw.syn, 1, 0), .wrongStreamNumber(1)),
            (Raw.frame(Raw.data, Raw.syn, 1, 262_145), .windowExceeded(stream: 1, length: 262_145)),
            (Raw.frame(Raw.window, Raw.syn, 1, .max), .windowOverflow(1)),
            (Raw.data(1, [1], Raw.syn | Raw.fin) + Raw.data(1, [1]), .dataAfterEnd(1)),
        ] as [([UInt8], YamuxError)])
    func violations(bytes: [UInt8], expected: YamuxError) {
        var session = server()
        #expect(throws: expected) { try session.receive(bytes, at: .zero) }
        #expect(session.takeOutput().suffix(12) == Raw.frame(Raw.goAway, 0, 0, 1)[...])
    }

    @Test("unread bytes over all streams stay below the budget")
    func budget() throws {
        var session = server { $0.receiveBudget = 1 << 20 }
        let block = [UInt8](repeating: 0, count: 256 << 10)
        for id in [1, 3, 5, 7] as [UInt32] { _ = try session.receive(Raw.data(id, block, Raw.syn), at: .zero) }
        #expect(throws: YamuxError.budgetExceeded) { try session.receive(Raw.data(9, [1], Raw.syn), at: .zero) }
    }

    @Test("two sessions carry every byte in order whatever they do", arguments: 0..<150 as Range<UInt64>)
    func model(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var sides = [YamuxSession(role: .client), YamuxSession(role: .server)]
        var open: [[UInt32]] = [[], []]
        var written: [[UInt32: [UInt8]]] = [[:], [:]]
        var read: [[UInt32: [UInt8]]] = [[:], [:]]
        var ended: [Set<UInt32>] = [[], []]
        var wire: [[UInt8]] = [[], []]
        var resets: Set<UInt32> = []
        func deliver(_ to: Int, _ limit: Int) throws {
            wire[1 - to] += sides[1 - to].takeOutput()
            let part = Array(wire[1 - to].prefix(limit))
            wire[1 - to].removeFirst(part.count)
            for case .opened(let id) in try sides[to].receive(part, at: .zero) { open[to].append(id) }
        }
        func drain(_ side: Int, _ id: UInt32) {
            switch sides[side].read(id, at: .zero) {
            case .bytes(let bytes): read[side][id, default: []] += bytes
            case .end: ended[side].insert(id)
            case .wait, .gone: break
            }
        }
        for _ in 0..<600 {
            let side = Int.random(in: 0...1, using: &generator)
            switch Int.random(in: 0..<20, using: &generator) {
            case 0: if let id = try? sides[side].open() { open[side].append(id) }
            case 1: if let id = open[side].randomElement(using: &generator) { try? sides[side].closeWrite(id) }
            case 2:
                if let id = open[side].randomElement(using: &generator), Int.random(in: 0..<4, using: &generator) == 0 {
                    sides[side].reset(id)
                    resets.insert(id)
                }
            case 3..<9:
                if let id = open[side].randomElement(using: &generator) {
                    let count = Int.random(in: 1...100_000, using: &generator)
                    let start = written[side][id]?.count ?? 0
                    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: ($0 + start) &* 7 &+ Int(id)) }
                    if let sent = try? sides[side].write(id, bytes, from: 0) {
                        written[side][id, default: []] += bytes[..<sent]
                    }
                }
            case 9..<15: try deliver(side, Int.random(in: 1...150_000, using: &generator))
            default: if let id = open[side].randomElement(using: &generator) { drain(side, id) }
            }
        }
        for _ in 0..<100 {
            for side in 0...1 {
                try deliver(side, .max)
                for id in open[side] { drain(side, id) }
            }
        }
        for side in 0...1 {
            for id in open[side].sorted() {
                let sent = written[1 - side][id] ?? []
                let got = read[side][id] ?? []
                if resets.contains(id) {
                    #expect(sent.starts(with: got), "seed \(seed), stream \(id)")
                } else {
                    #expect(sent == got, "seed \(seed), stream \(id)")
                }
            }
            #expect(sides[side].unreadBytes == 0)
        }
    }

    @Test("random and mutated frames never crash a session and never hold more than the budget")
    func fuzz() {
        for seed in 0..<UInt64(3000) { fuzz(seed: seed) }
    }

    private func fuzz(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var session = server { $0.receiveBudget = 1 << 20 }
        for _ in 0..<60 {
            var frame = Raw.frame(
                UInt8.random(in: 0...3, using: &generator), UInt16.random(in: 0...15, using: &generator),
                UInt32.random(in: 0...5, using: &generator),
                Bool.random(using: &generator)
                    ? .random(in: 0...64, using: &generator) : .random(in: 0 ... .max, using: &generator))
            if Int.random(in: 0..<10, using: &generator) == 0 {
                frame[Int.random(in: 0..<12, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            if frame[1] == 0 { frame += [UInt8](repeating: 1, count: Int.random(in: 0...80, using: &generator)) }
            do { _ = try session.receive(frame, at: .zero) } catch { return }
            if Bool.random(using: &generator) {
                _ = session.read(UInt32.random(in: 0...5, using: &generator), at: .zero)
            }
            #expect(session.unreadBytes <= 1 << 20, "seed \(seed)")
        }
    }
}
