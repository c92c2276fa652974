import Keys
import Swarm
import Testing
import Wire

@Suite struct MDNSTests {
    private func machine(_ seed: UInt64, _ addresses: [String] = ["/ip4/192.168.1.5/tcp/4001"]) throws -> MDNSMachine {
        var machine = try #require(MDNSMachine(peer: peer(seed), configuration: MDNSConfiguration(), seed: seed))
        _ = machine.step(.addresses(addresses.map { address($0) }), at: .zero)
        return machine
    }

    private func packets(_ effects: [MDNSMachine.Effect]) -> [[UInt8]] {
        effects.compactMap { if case .send(let bytes) = $0 { bytes } else { nil } }
    }

    @Test("a node that starts finds one that runs, and is found by it")
    func discovery() throws {
        var one = try machine(1)
        var two = try machine(2, ["/ip4/192.168.1.6/tcp/4002", "/ip4/127.0.0.1/tcp/4002"])
        _ = two.step(.tick, at: .zero)
        var found: [MDNSMachine.Effect] = []
        for packet in packets(one.step(.tick, at: .seconds(10))) {
            for effect in two.step(.received(packet, isLegacy: false), at: .seconds(10)) {
                if case .send(let answer) = effect {
                    found += one.step(.received(answer, isLegacy: false), at: .seconds(10))
                } else {
                    found.append(effect)
                }
            }
        }
        #expect(
            Set(found) == [
                .found(peer(1), [address("/ip4/192.168.1.5/tcp/4001")]),
                .found(peer(2), [address("/ip4/192.168.1.6/tcp/4002")]),
            ])
    }

    @Test("it asks and announces at the start, after a second, and then at each interval")
    func schedule() throws {
        var one = try machine(1)
        let sent = (0..<700).filter { !one.step(.tick, at: .seconds($0)).isEmpty }
        #expect(sent == [0, 1, 301, 601])
    }

    @Test("a flood of questions gets one answer a second")
    func answerRate() throws {
        var one = try machine(1)
        var query = DNSMessage()
        query.questions = [.init(name: try #require(DNSName("_P2P._udp.local")), kind: DNSMessage.Kind.ptr)]
        var answers = 0
        for index in 0..<1000 {
            let now = Duration.milliseconds(index * 10)
            answers += one.step(.received(query.bytes, isLegacy: index % 2 == 0), at: now).count
        }
        #expect(answers == 10)
    }

    @Test("an asker from another port gets its answer alone, with its id and question")
    func legacy() throws {
        var one = try machine(1)
        var query = DNSMessage()
        query.id = 77
        query.questions = [.init(name: try #require(DNSName("_p2p._udp.local")), kind: DNSMessage.Kind.any)]
        guard case .reply(let bytes)? = one.step(.received(query.bytes, isLegacy: true), at: .zero).first else {
            Issue.record("no reply")
            return
        }
        let reply = try DNSMessage(bytes: bytes)
        #expect(reply.id == 77)
        #expect(reply.questions == query.questions)
        #expect((reply.answers + reply.additional).allSatisfy { $0.lifetime <= 10 && $0.space == 1 })
    }

    @Test("each record of an announcement can be asked for by its name")
    func direct() throws {
        var one = try machine(1)
        let announced = try DNSMessage(bytes: try #require(packets(one.step(.tick, at: .zero)).last))
        let kinds: Set<UInt16> = [DNSMessage.Kind.txt, DNSMessage.Kind.srv, DNSMessage.Kind.a]
        var asked = 0
        for (index, record) in announced.additional.enumerated() {
            for kind in kinds {
                var query = DNSMessage()
                query.questions = [.init(name: record.name, kind: kind)]
                let effects = one.step(
                    .received(query.bytes, isLegacy: false), at: .seconds(10 + index * 100 + Int(kind)))
                guard let packet = packets(effects).first else { continue }
                asked += try DNSMessage(bytes: packet).answers.count
            }
        }
        #expect(asked >= announced.additional.count)
    }

    @Test("own, relayed, loopback and withdrawn addresses are not taken")
    func ignored() throws {
        var one = try machine(1)
        let service = try #require(DNSName("_p2p._udp.local"))
        func text(_ string: String, lifetime: UInt32 = 100) throws -> [UInt8] {
            var message = DNSMessage()
            message.isResponse = true
            message.answers = [
                .init(
                    name: try #require(service.prefixed("abc")), space: 1, lifetime: lifetime,
                    data: .text([Array(string.utf8)]))
            ]
            return message.bytes
        }
        let good = "dnsaddr=/ip4/10.0.0.1/tcp/1/p2p/\(peer(2))"
        check(try one.step(.received(text(good), isLegacy: false), at: .zero).count == 1)
        for bad in [
            "dnsaddr=/ip4/10.0.0.1/tcp/1/p2p/\(peer(1))", "dnsaddr=/ip4/127.0.0.1/tcp/1/p2p/\(peer(2))",
            "dnsaddr=/ip4/10.0.0.1/tcp/1", "/ip4/10.0.0.1/tcp/1/p2p/\(peer(2))", "dnsaddr=",
            "dnsaddr=/ip4/10.0.0.1/tcp/1/p2p/\(peer(3))/p2p-circuit/p2p/\(peer(2))",
        ] {
            check(try one.step(.received(text(bad), isLegacy: false), at: .zero).isEmpty)
        }
        check(try one.step(.received(text(good, lifetime: 0), isLegacy: false), at: .zero).isEmpty)
    }

    @Test("names that point in circles or forwards are refused")
    func pointers() {
        func packet(_ name: [UInt8]) -> [UInt8] { [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0] + name + [0, 12, 0, 1] }
        for name in [[0xc0, 12], [0xc0, 14], [1, 97, 0xc0, 12], [0x40, 1], [63, 1]] as [[UInt8]] {
            #expect(throws: WireError.self) { try DNSMessage(bytes: packet(name)) }
        }
        #expect((try? DNSMessage(bytes: packet([1, 97, 0]))) != nil)
    }

    @Test("an announcement reads back as itself; cut short it is refused; mutated it never does more than fail")
    func fuzz() throws {
        var one = try machine(1)
        let bytes = try #require(packets(one.step(.tick, at: .zero)).last)
        #expect(try DNSMessage(bytes: bytes).bytes == bytes)
        for length in 0..<bytes.count {
            #expect(throws: WireError.self) { try DNSMessage(bytes: Array(bytes[..<length])) }
        }
        var dice = SeededGenerator(seed: 1)
        for _ in 0..<20_000 {
            if let message = try? DNSMessage(bytes: mutated(bytes, &dice)) { _ = message.bytes }
        }
    }
}
