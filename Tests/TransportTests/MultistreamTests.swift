import Keys
import Testing
import Transport

@Suite("multistream-select")
struct MultistreamTests {
    private func message(_ text: String) -> [UInt8] {
        let body = Array(text.utf8) + [0x0a]
        return (body.count < 128 ? [UInt8(body.count)] : [UInt8(body.count & 0x7f) | 0x80, UInt8(body.count >> 7)])
            + body
    }
    private var header: [UInt8] { message("/multistream/1.0.0") }

    @Test("the first bytes are those that deployed nodes send: header and proposal together")
    func firstBytes() {
        let first = MultistreamInitiator(["/noise"]).start()
        #expect(first == [0x13] + Array("/multistream/1.0.0\n".utf8) + [0x07] + Array("/noise\n".utf8))
        #expect(first.count == 28)
    }

    @Test(
        "initiator and responder agree on the initiator's first protocol that the responder speaks, however the bytes are cut"
    )
    func agreement() throws {
        let names = ["/a", "/b", "/c"]
        for offer in subsets(names) {
            for proposals in permutations(names) {
                for cut in 1...4 {
                    var initiator = MultistreamInitiator(proposals)
                    var responder = MultistreamResponder(offer)
                    let wanted = proposals.first { offer.contains($0) }
                    var toResponder = initiator.start()
                    var toInitiator: [UInt8] = []
                    var outcome: (String?, String?) = (nil, nil)
                    var refused = false
                    while !toResponder.isEmpty || !toInitiator.isEmpty {
                        let part = Array(toResponder.prefix(cut))
                        toResponder.removeFirst(part.count)
                        let answer = try responder.receive(part)
                        toInitiator += answer.reply
                        if let agreed = answer.agreed { outcome.1 = agreed }
                        let back = Array(toInitiator.prefix(cut))
                        toInitiator.removeFirst(back.count)
                        do {
                            let step = try initiator.receive(back)
                            toResponder += step.reply
                            if let agreed = step.agreed { outcome.0 = agreed }
                        } catch {
                            #expect(error == .refused(proposals))
                            refused = true
                        }
                    }
                    #expect(outcome.0 == wanted)
                    #expect(outcome.1 == wanted)
                    #expect(refused == (wanted == nil))
                }
            }
        }
    }

    @Test("bytes behind the agreement are kept for the protocol, on both sides and at every cut")
    func leftovers() throws {
        let data: [UInt8] = [1, 2, 3, 4, 5]
        let all = header + message("/x") + data
        for cut in 0...all.count {
            var responder = MultistreamResponder(["/x"])
            let first = try responder.receive(Array(all[..<cut]))
            let second = try responder.receive(Array(all[cut...]))
            #expect(first.reply + second.reply == header + message("/x"))
            #expect((first.agreed ?? second.agreed) == "/x")
            #expect(responder.takeLeftover() == data)

            var initiator = MultistreamInitiator(["/x"])
            let one = try initiator.receive(Array(all[..<cut]))
            let two = try initiator.receive(Array(all[cut...]))
            #expect((one.agreed ?? two.agreed) == "/x")
            #expect(initiator.takeLeftover() == data)
        }
    }

    @Test("a responder refuses unknown and insecure protocols and still accepts the right one afterwards")
    func refusals() throws {
        var responder = MultistreamResponder(["/noise"])
        var step = try responder.receive(header)
        #expect(step.reply == header)
        for name in [
            "/secio/1.0.0", "/plaintext/2.0.0", "/libp2p/simultaneous-connect", "ls", "na", "/Noise", "/noise/",
        ] {
            step = try responder.receive(message(name))
            #expect(step.reply == message("na"))
            #expect(step.agreed == nil)
        }
        step = try responder.receive(message("/noise"))
        #expect(step.agreed == "/noise")
    }

    @Test("a wrong header is noticed at its first wrong byte")
    func wrongHeader() {
        for index in header.indices {
            for bit in 0..<8 {
                var wrong = Array(header[...index])
                wrong[index] ^= 1 << UInt8(bit)
                var responder = MultistreamResponder(["/x"])
                #expect(throws: MultistreamError.wrongHeader) { try responder.receive(wrong) }
                var initiator = MultistreamInitiator(["/x"])
                #expect(throws: MultistreamError.wrongHeader) { try initiator.receive(wrong) }
            }
        }
    }

    @Test(
        "malformed and oversized messages are refused before their bytes arrive",
        arguments: [
            ([0x81, 0x08], MultistreamError.tooLong),  // 1,025 bytes.
            ([0xff, 0xff], .tooLong), ([0xff, 0xff, 0xff, 0xff, 0x7f], .tooLong), ([0x85, 0x00], .malformedLength),
            ([0x00], .malformedMessage), ([0x02, 0x2f, 0x61], .malformedMessage),
            ([0x03, 0xff, 0xfe, 0x0a], .malformedMessage),
        ] as [([UInt8], MultistreamError)])
    func malformed(bytes: [UInt8], expected: MultistreamError) {
        var responder = MultistreamResponder(["/x"])
        #expect(throws: expected) { try responder.receive(header + bytes) }
        var initiator = MultistreamInitiator(["/x"])
        #expect(throws: expected) { try initiator.receive(header + bytes) }
    }

    @Test("a proposal of the longest length is answered, and 128 proposals are the most")
    func limits() throws {
        var responder = MultistreamResponder(["/x"])
        let longest = message("/" + String(repeating: "y", count: 1022))
        #expect(longest.count == 1026)
        _ = try responder.receive(header)
        for _ in 0..<MultistreamResponder.proposalLimit {
            #expect(try responder.receive(longest).reply == message("na"))
        }
        #expect(throws: MultistreamError.tooManyProposals) { try responder.receive(longest) }
    }

    @Test("an initiator takes no other protocol than the one it proposed")
    func unexpected() {
        var initiator = MultistreamInitiator(["/x", "/y"])
        #expect(throws: MultistreamError.unexpected("/y")) { try initiator.receive(header + message("/y")) }
    }

    @Test("what is wrong behind a refused proposal is told with the refusal, wherever the bytes are cut")
    func failureBehindRefusal() throws {
        let proposal = header + message("/y")
        for (wrong, failure) in [([1, 2, 3], .malformedMessage), ([0xff, 0xff], .tooLong)]
            as [([UInt8], MultistreamError)]
        {
            let all = proposal + wrong
            for cut in 0..<all.count {
                var responder = MultistreamResponder(["/x"])
                let first = try responder.receive(Array(all[..<cut]))
                guard cut < proposal.count else {
                    #expect(first.reply == header + message("na"))
                    let isTold = first.failure == failure
                    if !isTold { #expect(throws: failure) { try responder.receive(Array(all[cut...])) } }
                    continue
                }
                let second = try responder.receive(Array(all[cut...]))
                #expect(first.failure == nil && second.failure == failure)
                #expect(first.reply + second.reply == header + message("na"))
            }
        }
        var responder = MultistreamResponder(["/x"])
        #expect(throws: MultistreamError.malformedMessage) {
            try responder.receive(header + [1, 2, 3] + message("/y"))
        }
    }

    @Test("a lazy initiator's data reaches a responder that reads everything at once")
    func lazy() throws {
        let initiator = MultistreamInitiator(["/x"])
        var responder = MultistreamResponder(["/x"])
        let step = try responder.receive(initiator.start() + [9, 9])
        #expect(step.agreed == "/x")
        #expect(responder.takeLeftover() == [9, 9])
    }

    @Test("random bytes never crash either side, nor make one answer more than it was asked")
    func fuzz() {
        for seed in 0..<UInt64(2000) { fuzz(seed: seed) }
    }

    private func fuzz(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var input = Bool.random(using: &generator) ? header : []
        for _ in 0..<Int.random(in: 0...40, using: &generator) { input.append(.random(in: 0...255, using: &generator)) }
        if input.count > 20, Bool.random(using: &generator) { input[20] = 2 }
        var responder = MultistreamResponder(["/x"])
        var initiator = MultistreamInitiator(["/x", "/y"])
        var rest = input[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(Int.random(in: 1...8, using: &generator)))
            rest = rest.dropFirst(part.count)
            if let step = try? responder.receive(part) { #expect(step.reply.count <= 256, "seed \(seed)") }
            if let step = try? initiator.receive(part) { #expect(step.reply.count <= 256, "seed \(seed)") }
        }
    }

    private func subsets(_ names: [String]) -> [[String]] {
        names.reduce([[]]) { sets, name in sets + sets.map { $0 + [name] } }
    }

    private func permutations(_ names: [String]) -> [[String]] {
        guard !names.isEmpty else { return [[]] }
        return names.flatMap { name in permutations(names.filter { $0 != name }).map { [name] + $0 } }
    }
}
