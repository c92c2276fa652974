import Inference
import Keys
import Models
import Proofs
import Testing

struct ServeMachineTests {
    private func machine(running: Int = 2, waiting: Int = 3, perPeer: Int = 8, price: UInt64 = 0) -> ServeMachine {
        var limits = ServeMachine.Limits()
        (limits.running, limits.waiting, limits.perPeer) = (running, waiting, perPeer)
        return ServeMachine(
            account: account(1), node: key(1).publicKey, models: [(FakeEngine.served, price)], limits: limits)
    }

    private func question(_ nonce: UInt64, tokens: UInt32 = 8, prompt: [TokenID] = [1]) -> ServeMachine.Question {
        ServeMachine.Question(request(prompt: prompt, tokens: tokens, nonce: nonce))
    }

    private func code(_ effects: [ServeMachine.Effect]) -> Refusal.Code? {
        guard case .refuse(_, let refusal)? = effects.first, effects.count == 1 else { return nil }
        return refusal.code
    }

    @Test("as many run as there are slots, as many wait as there is room, one more is refused")
    func capacity() {
        var machine = machine()
        check(machine.step(.asked(1, by: peer(9), question(1))) == [.accept(1, waiting: 0), .start(1)])
        check(machine.step(.asked(2, by: peer(9), question(2))) == [.accept(2, waiting: 0), .start(2)])
        for id in 3...5 as ClosedRange<UInt64> {
            check(machine.step(.asked(id, by: peer(9), question(id))) == [.accept(id, waiting: UInt32(id) - 2)])
        }
        check(code(machine.step(.asked(6, by: peer(9), question(6)))) == .busy)
        check(machine.step(.ended(1)) == [.start(3)])
        check(machine.step(.asked(7, by: peer(9), question(7))) == [.accept(7, waiting: 3)])
    }

    @Test("a peer with many questions does not keep the others waiting")
    func fairness() {
        var machine = machine(running: 2, waiting: 8)
        for id in 1...5 as ClosedRange<UInt64> { _ = machine.step(.asked(id, by: peer(8), question(id))) }
        _ = machine.step(.asked(6, by: peer(9), question(6)))
        check(machine.step(.ended(1)) == [.start(6)])
        check(machine.step(.ended(2)) == [.start(3)])
    }

    @Test("one peer has only so many questions here, waiting and running together")
    func perPeer() {
        var machine = machine(perPeer: 3)
        for id in 1...3 as ClosedRange<UInt64> { _ = machine.step(.asked(id, by: peer(9), question(id))) }
        check(code(machine.step(.asked(4, by: peer(9), question(4)))) == .tooManyFromPeer)
        check(machine.step(.asked(5, by: peer(8), question(5))).first == .accept(5, waiting: 2))
    }

    @Test("a request is answered once at a time, whoever sends it")
    func duplicate() {
        var machine = machine()
        _ = machine.step(.asked(1, by: peer(9), question(1)))
        check(code(machine.step(.asked(2, by: peer(8), question(1)))) == .duplicate)
        _ = machine.step(.ended(1))
        check(machine.step(.asked(3, by: peer(8), question(1))).first == .accept(3, waiting: 0))
    }

    @Test("what the provider cannot or will not do is refused with the reason")
    func refusals() {
        let cases: [(InferenceRequest, Refusal.Code)] = [
            (request(provider: 2), .badRequest),
            (request(model: digest(1)), .unknownModel),
            (request(verification: .zk), .unsupportedVerification),
            (
                request(prompt: [TokenID](repeating: 1, count: 593), tokens: 8, verification: .fraud),
                .unsupportedVerification
            ),
            (request(prompt: [50_000]), .badRequest),
            (request(prompt: [TokenID](repeating: 1, count: 4089), tokens: 8), .tooLong),
            (request(price: 4), .tooCheap),
        ]
        for (request, expected) in cases {
            var machine = machine(price: 5)
            check(code(machine.step(.asked(1, by: peer(9), .init(request)))) == expected)
            check(machine.isIdle)
        }
        var machine = machine(price: 5)
        let fits = request(prompt: [TokenID](repeating: 1, count: 4088), tokens: 8, price: 5)
        check(machine.step(.asked(1, by: peer(9), .init(fits))).first == .accept(1, waiting: 0))
        let disputable = request(
            prompt: [TokenID](repeating: 1, count: 592), tokens: 8, verification: .fraud, price: 5)
        check(machine.step(.asked(2, by: peer(8), .init(disputable))).first == .accept(2, waiting: 0))
    }

    @Test("a provider that leaves refuses what waits and what comes, and is done when the last answer ends")
    func drain() {
        var machine = machine(running: 1)
        _ = machine.step(.asked(1, by: peer(9), question(1)))
        _ = machine.step(.asked(2, by: peer(9), question(2)))
        check(code(machine.step(.drain)) == .leaving)
        check(code(machine.step(.asked(3, by: peer(9), question(3)))) == .leaving)
        check(machine.step(.drain) == [])
        check(machine.step(.ended(1)) == [.drained])
        var idle = self.machine()
        check(idle.step(.drain) == [.drained])
    }

    @Test(
        "no slot is lost or used twice, whatever the order of questions and ends", arguments: 0..<100 as Range<UInt64>)
    func orders(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var machine = machine(running: 3, waiting: 5, perPeer: 4)
        var running: Set<UInt64> = []
        var taken: Set<UInt64> = []
        for id in 1...200 as ClosedRange<UInt64> {
            let effects: [ServeMachine.Effect]
            if dice.next(below: 2) == 0 || taken.isEmpty {
                effects = machine.step(.asked(id, by: peer(dice.next(below: 3)), question(id)))
            } else {
                let ended = taken.sorted()[Int(dice.next(below: UInt64(taken.count)))]
                taken.remove(ended)
                running.remove(ended)
                effects = machine.step(.ended(ended))
            }
            for effect in effects {
                switch effect {
                case .accept(let id, _): check(taken.insert(id).inserted)
                case .start(let id): check(taken.contains(id) && running.insert(id).inserted)
                case .refuse(let id, _): #expect(!taken.contains(id))
                case .drained: Issue.record("nobody leaves")
                }
            }
            #expect(running.count == min(3, taken.count))
            #expect(machine.waitingCount == taken.count - running.count)
        }
    }
}
