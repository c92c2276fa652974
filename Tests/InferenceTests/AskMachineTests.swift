import Inference
import Keys
import Models
import Proofs
import Testing

/// ``AskMachine`` in small cases; the services' tests run it against providers.
struct AskMachineTests {
    private func candidate(_ index: UInt64) -> Candidate {
        let offer = Offer(
            choice: FakeEngine.choice, name: "fake", pricePerToken: index, speed: 0, freeSlots: 4, contextLength: 4096,
            modes: [.merkle])
        let announcement = Announcement(
            certificate: certificate(index), sequence: 1, expires: testTime + 1, addresses: [], offers: [offer],
            by: key(index))
        return Candidate(
            entry: .init(announcement: announcement, stake: 0), offer: offer, standing: .unknown,
            experience: Experience(), asker: account(99))
    }

    private func seal(_ tokens: [TokenID]) -> ReceiptSeal {
        let request = request()
        let seed = InferenceSeed(job: request.id, by: key(1))
        return ReceiptSeal(
            of: .sign(
                .answer(Answer(output: tokens, stop: .length)!, to: request, transcript: digest(5), seed: seed.value),
                seedProof: seed.proof, with: key(1)))
    }

    private func machine(
        _ count: UInt64 = 3, isDeterministic: Bool = true, tokens: UInt32 = 8
    ) -> (AskMachine, [AskMachine.Effect]) {
        var rules = AskRules()
        rules.isDeterministic = isDeterministic
        rules.maximumTokens = tokens
        var machine = AskMachine(rules: rules)
        let effects = machine.step(.candidates((1...count).map(candidate)))
        return (machine, effects)
    }

    /// The question goes out to a provider, which takes it.
    private func take(_ index: Int, _ machine: inout AskMachine) {
        _ = machine.step(.asked(index))
        _ = machine.step(.accepted(index))
    }

    @Test("the best provider is asked first, and alone")
    func firstAttempt() {
        let (_, effects) = machine()
        let opened = effects.filter { if case .open = $0 { true } else { false } }
        #expect(opened == [.open(0, candidate(1), base: 0)])
    }

    @Test("the clock for another provider starts when the question goes out, not while its payment is provided for")
    func preparation() {
        var (machine, effects) = machine()
        let rules = AskRules()
        #expect(effects.contains(.startTimer(.preparation(0), rules.prepareWithin)))
        #expect(!effects.contains(.startTimer(.hedge(0), rules.hedgeAfter)))
        check(
            machine.step(.asked(0)) == [
                .startTimer(.silence(0, tokens: 0), rules.silenceAfter), .startTimer(.hedge(0), rules.hedgeAfter),
            ])
        check(machine.step(.asked(0)) == [], "a question goes out once")
        check(machine.step(.timer(.preparation(0))) == [], "it was prepared in time")
        (machine, effects) = self.machine()
        effects = machine.step(.timer(.preparation(0)))
        #expect(effects.contains(.abandon(0)) && effects.contains(.open(1, candidate(2), base: 0)))
        check(machine.step(.asked(0)) == [], "it is over")
    }

    @Test("without candidates the question fails at once")
    func nobody() {
        var machine = AskMachine(rules: .init())
        check(machine.step(.candidates([])).contains(.finish(.failed([]))))
    }

    @Test("tokens are shown once and the answer is examined, paid and finished")
    func straight() {
        var (machine, _) = machine()
        take(0, &machine)
        check(machine.step(.tokens(0, first: 0, [4, 5])).contains(.show([4, 5])))
        check(machine.step(.tokens(0, first: 2, [6])).contains(.show([6])))
        let seal = seal([4, 5, 6])
        check(
            machine.step(.final(0, seal, .length)) == [
                .examine(0, Answer(output: [4, 5, 6], stop: .length)!, seal)
            ])
        check(
            machine.step(.examined(0, .passed(.full)))
                == [.pay(0), .finish(.answered(attempt: 0, base: 0, .passed(.full)))])
        check(machine.step(.tokens(0, first: 3, [7])) == [], "after the end nothing happens")
    }

    @Test("a provider that is slow to begin is hedged; the first token decides, the other is broken off")
    func hedge() {
        var (machine, _) = machine()
        take(0, &machine)
        check(machine.step(.timer(.hedge(0))).contains(.open(1, candidate(2), base: 0)))
        check(machine.step(.timer(.hedge(1))) == [], "two at a time are enough")
        take(1, &machine)
        let effects = machine.step(.tokens(1, first: 0, [9]))
        #expect(effects.contains(.abandon(0)) && effects.contains(.show([9])))
        check(machine.step(.tokens(0, first: 0, [9])) == [], "what was broken off says nothing more")
        check(machine.step(.timer(.hedge(1))) == [])
    }

    @Test("with temperature 0 the next provider is asked the same, and what was shown is skipped")
    func resume() {
        var (machine, _) = machine()
        take(0, &machine)
        _ = machine.step(.tokens(0, first: 0, [4, 5, 6]))
        check(machine.step(.failed(0, .broken("gone"))).contains(.open(1, candidate(2), base: 0)))
        take(1, &machine)
        let repeated = machine.step(.tokens(1, first: 0, [4, 5]))
        #expect(!repeated.contains { if case .show = $0 { true } else { false } })
        check(machine.step(.tokens(1, first: 2, [6, 7])).contains(.show([7])))
        #expect(machine.shown == [4, 5, 6, 7])
    }

    @Test("with temperature 0 a token that differs from what was shown takes that back")
    func contradiction() {
        var (machine, _) = machine()
        take(0, &machine)
        _ = machine.step(.tokens(0, first: 0, [4, 5, 6]))
        _ = machine.step(.failed(0, .broken("gone")))
        take(1, &machine)
        let effects = machine.step(.tokens(1, first: 0, [4, 9]))
        #expect(effects.contains(.retract(from: 1)) && effects.contains(.show([9])))
        #expect(machine.shown == [4, 9])
    }

    @Test("with another temperature the next provider goes on after what was shown")
    func continuation() {
        var (machine, _) = machine(isDeterministic: false)
        take(0, &machine)
        _ = machine.step(.tokens(0, first: 0, [4, 5, 6]))
        check(machine.step(.failed(0, .broken("gone"))).contains(.open(1, candidate(2), base: 3)))
        take(1, &machine)
        check(machine.step(.tokens(1, first: 0, [7])).contains(.show([7])))
        _ = machine.step(.final(1, seal([7]), .endOfText))
        check(
            machine.step(.examined(1, .passed(.receipt)))
                .contains(.finish(.answered(attempt: 1, base: 3, .passed(.receipt)))))
        #expect(machine.shown == [4, 5, 6, 7])
    }

    @Test("when only the receipt is missing the last token is asked for again")
    func lostReceipt() {
        var (machine, _) = machine(isDeterministic: false, tokens: 3)
        take(0, &machine)
        _ = machine.step(.tokens(0, first: 0, [4, 5, 6]))
        let effects = machine.step(.failed(0, .broken("gone")))
        #expect(effects.contains(.retract(from: 2)) && effects.contains(.open(1, candidate(2), base: 2)))
    }

    @Test("a false answer is accused and never paid; the next provider answers", arguments: [true, false])
    func dishonest(isDeterministic: Bool) {
        var (machine, _) = machine(isDeterministic: isDeterministic)
        take(0, &machine)
        _ = machine.step(.tokens(0, first: 0, [4, 5]))
        _ = machine.step(.final(0, seal([4, 5]), .length))
        let fault = InferenceFault.token(step: 1, expected: 9)
        let effects = machine.step(.examined(0, .failed(fault)))
        #expect(effects.contains(.accuse(0, fault)) && !effects.contains(.pay(0)))
        #expect(effects.contains(.open(1, candidate(2), base: 0)))
        #expect(effects.contains(.retract(from: 0)) == !isDeterministic)
    }

    @Test(
        "an answer that nobody signed is neither paid nor accused, and with a seed nothing of it stays",
        arguments: [true, false])
    func unsigned(isDeterministic: Bool) {
        var (machine, _) = machine(isDeterministic: isDeterministic)
        take(0, &machine)
        _ = machine.step(.tokens(0, first: 0, [4, 5]))
        _ = machine.step(.final(0, seal([4, 5]), .length))
        let effects = machine.step(.failed(0, .unsigned(by: candidate(1).account)))
        let end: [AskMachine.Effect] = [
            .abandon(0), .open(1, candidate(2), base: 0),
            .startTimer(.preparation(1), AskRules().prepareWithin),
        ]
        #expect(effects == (isDeterministic ? [] : [.retract(from: 0)]) + end)
    }

    @Test("tokens out of turn, before the acceptance, or beyond the limit end the attempt")
    func misbehaviour() {
        for (accepted, first, tokens) in [
            (true, UInt32(1), [TokenID(4)]), (false, 0, [4]), (true, 0, [TokenID](repeating: 1, count: 9)),
        ] {
            var (machine, _) = machine()
            _ = machine.step(.asked(0))
            if accepted { _ = machine.step(.accepted(0)) }
            let effects = machine.step(.tokens(0, first: first, tokens))
            #expect(effects.contains(.abandon(0)) && effects.contains(.open(1, candidate(2), base: 0)))
        }
        var (machine, _) = machine()
        take(0, &machine)
        check(machine.step(.final(0, seal([1]), .length)).contains(.abandon(0)), "an answer has a token")
    }

    @Test("silence ends an attempt, but not one that has gone on since the timer was started")
    func silence() {
        var (machine, _) = machine()
        _ = machine.step(.asked(0))
        check(machine.step(.timer(.silence(0, tokens: 0))).contains(.abandon(0)))
        take(1, &machine)
        _ = machine.step(.tokens(1, first: 0, [4]))
        check(machine.step(.timer(.silence(1, tokens: 0))) == [])
        check(machine.step(.timer(.silence(1, tokens: 1))).contains(.abandon(1)))
    }

    @Test("a question that was taken waits for its turn with more patience")
    func queue() {
        var (machine, _) = machine()
        take(0, &machine)
        check(machine.step(.timer(.silence(0, tokens: 0))) == [])
        check(machine.step(.timer(.queue(0))).contains(.abandon(0)))
    }

    @Test("when all have failed it is looked who is there now; who would say the same again is not asked again")
    func look() {
        var (machine, _) = machine(2)
        _ = machine.step(.failed(0, .unreachable("a")))
        let effects = machine.step(.failed(1, .misbehaved("b")))
        #expect(effects == [.abandon(1), .startTimer(.look, AskRules().lookAfter)])
        check(machine.step(.timer(.look)) == [.look])
        check(machine.step(.candidates([candidate(2), candidate(1)])).contains(.open(2, candidate(1), base: 0)))
    }

    @Test("a provider that says nothing is not waited for a second time")
    func silentOnce() {
        var (machine, _) = machine(1)
        _ = machine.step(.asked(0))
        let effects = machine.step(.timer(.silence(0, tokens: 0)))
        #expect(effects == [.abandon(0), .finish(.failed([.silent(after: 0)]))])
    }

    @Test("when nobody comes back the question fails with every reason, after as many looks as the rules say")
    func allFailed() {
        var (machine, _) = machine(2)
        _ = machine.step(.failed(0, .misbehaved("a")))
        var effects = machine.step(.failed(1, .unreachable("b")))
        var looks = 0
        while effects.contains(.startTimer(.look, AskRules().lookAfter)) {
            looks += 1
            _ = machine.step(.timer(.look))
            _ = machine.step(.candidates([candidate(2)]))
            effects = machine.step(.failed(1 + looks, .unreachable("\(looks)")))
        }
        #expect(looks == AskRules().looks)
        let finished = AskMachine.Effect.finish(.failed([.misbehaved("a"), .unreachable("\(looks)")]))
        #expect(effects.contains(finished))
    }

    @Test("when everybody has refused for good, nobody is looked for")
    func refused() {
        var (machine, _) = machine(1)
        let refusal = AttemptFailure.refused(Refusal(.tooLong, "too long"))
        check(machine.step(.failed(0, refusal)).contains(.finish(.failed([refusal]))))
    }

    @Test("the deadline breaks everything off")
    func deadline() {
        var (machine, _) = machine()
        let effects = machine.step(.timer(.deadline))
        #expect(effects == [.abandon(0), .finish(.failed([.deadline]))])
    }

    /// Every order of a few inputs, as a network and four providers may bring them.
    @Test(
        "whatever comes in whatever order: tokens are never lost or doubled, and at most one attempt is paid",
        arguments: 0..<400 as Range<UInt64>)
    func orders(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        let isDeterministic = seed % 2 == 0
        let truth: [TokenID] = (0..<8).map { 100 + $0 }
        var (machine, effects) = machine(4, isDeterministic: isDeterministic, tokens: 8)
        var seen: [TokenID] = []
        var paid: [Int] = []
        var outcome: AskMachine.Outcome?
        var timers: [AskMachine.Timer] = []
        var bases: [Int: Int] = [:]
        var sent: [Int: Int] = [:]
        var preparing: Set<Int> = []
        var looks = false
        for _ in 0..<5000 where outcome == nil {
            for effect in effects {
                switch effect {
                case .open(let index, _, let base):
                    (bases[index], sent[index]) = (base, -2)
                    #expect(preparing.isEmpty, "two payments are provided for at the same time")
                    preparing.insert(index)
                case .abandon(let index): preparing.remove(index)
                case .show(let tokens): seen += tokens
                case .retract(let index): seen.removeSubrange(index...)
                case .pay(let index): paid.append(index)
                case .startTimer(let timer, _): timers.append(timer)
                case .finish(let end): outcome = end
                case .look: looks = true
                case .examine, .accuse: break
                }
            }
            guard outcome == nil else { break }
            if looks {
                looks = false
                effects = machine.step(.candidates((1...4).map(candidate)))
                continue
            }
            let index = Int(dice.next(below: UInt64(bases.count)))
            let (base, count) = (bases[index]!, sent[index]!)
            switch dice.next(below: 12) {
            case 0: effects = machine.step(.failed(index, .broken("")))
            case 1 where !timers.isEmpty:
                effects = machine.step(.timer(timers.remove(at: Int(dice.next(below: UInt64(timers.count))))))
            case _ where count == -2:
                sent[index] = -1
                preparing.remove(index)
                effects = machine.step(.asked(index))
            case _ where count == -1:
                sent[index] = 0
                effects = machine.step(.accepted(index))
            case _ where base + count < truth.count:
                let length = 1 + Int(dice.next(below: UInt64(truth.count - base - count)))
                sent[index] = count + length
                effects = machine.step(
                    .tokens(index, first: UInt32(count), Array(truth[(base + count)..<(base + count + length)])))
            default:
                effects =
                    machine.step(.final(index, seal([1]), .length)) + machine.step(.examined(index, .passed(.full)))
            }
            #expect(machine.shown == Array(truth.prefix(machine.shown.count)))
        }
        #expect(seen == machine.shown)
        #expect(paid.count <= 1)
        if case .answered(let index, _, _)? = outcome {
            #expect(paid == [index] && seen == truth)
        } else {
            #expect(outcome != nil, "the question is still open")
        }
    }
}
