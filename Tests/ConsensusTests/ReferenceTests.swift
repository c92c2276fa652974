import Consensus
import Keys
import Testing

@Suite("Against the naive machine")
struct ReferenceTests {
    /// Random inputs of a random committee; half of the traces come from a world that mostly makes sense, half are noise.
    @Test(
        "random traces: state, votes, proposals and timers are the naive machine's after every input",
        arguments: 0..<600 as Range<UInt64>)
    func traces(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        func roll(_ bound: UInt64) -> Int { Int(dice.next(below: bound)) }
        let powers = [[1, 1, 1, 1], [1, 1, 1, 1], [3, 2, 1, 1], [5, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1]][roll(5)]
        let committee = Committee(powers: powers.map(UInt64.init))
        let me = roll(UInt64(powers.count))
        var machine = committee.machine(me)
        var naive = NaiveMachine(committee, me: me)
        let blocks = [Committee.a, Committee.b, Committee.c]
        let isNoise = roll(2) == 0
        let favourite = blocks[roll(3)]
        var pending: [HeightMachine.Input] = []
        var reached = (locks: 0, decisions: 0)

        func block() -> Digest? {
            if !isNoise, roll(10) < 8 { return favourite }
            return roll(4) == 0 ? nil : blocks[roll(3)]
        }

        for count in 0..<160 {
            var input: HeightMachine.Input
            let near = machine.round + Round(roll(8) == 0 ? 1 : 0)
            let someRound = isNoise ? Round(roll(4)) : (roll(5) == 0 ? Round(roll(UInt64(near) + 1)) : near)
            switch count == 3 ? 99 : pending.isEmpty || roll(3) == 0 ? roll(20) : 98 {
            case 0...1:
                let polka = someRound > 0 && roll(2) == 0 ? Round(roll(UInt64(someRound))) : nil
                input = committee.proposal(someRound, block() ?? favourite, polka: polka)
            case 2...9: input = committee.prevote(someRound, block(), by: roll(UInt64(powers.count)))
            case 10...15: input = committee.precommit(someRound, block(), by: roll(UInt64(powers.count)))
            case 16:
                let step = TimerID.Step.allCases[roll(3)]
                input = committee.timeout(machine.round, step)
            case 17: input = .valueBuilt(blocks[roll(3)])
            case 18:
                let chosen = block() ?? favourite
                let kind = Vote.Kind.allCases[roll(2)]
                let votes = committee.ids.indices.filter { _ in roll(5) > 0 }
                    .map { committee.vote(kind, someRound, chosen, by: $0) }
                input = .certificate(RoundCertificate(height: 1, round: someRound, votes: votes)!)
            case 98: input = pending.removeFirst()
            default: input = .start
            }
            if !isNoise, case .timeout(let timer) = input, timer.step == .precommit, roll(3) > 0 {
                input = committee.timeout(timer.round, .propose)
            }
            let effects = machine.step(input)
            naive.take(input)
            for effect in effects {
                switch effect {
                case .validate(let block): pending.append(.validity(block, roll(12) > 0, timely: roll(6) > 0))
                case .signVote(let vote): pending.append(.vote(Committee.sign(vote)))
                case .signProposal(let proposal): pending.append(.proposal(Committee.sign(proposal)))
                default: break
                }
            }
            let said = effects.compactMap { effect -> NaiveMachine.Heard? in
                switch effect {
                case .signVote(let vote): .vote(vote)
                case .signProposal(let proposal): .proposal(proposal)
                default: nil
                }
            }
            #expect(said == naive.says, "seed \(seed), input \(count)")
            #expect(
                Set(effects.timers.filter { $0.step != .rebroadcast }) == Set(naive.timers),
                "seed \(seed), input \(count)")
            #expect(machine.round == naive.round && machine.step == naive.step, "seed \(seed), input \(count)")
            #expect(machine.locked?.block == naive.lockedValue && machine.locked?.round == naive.lockedRound)
            #expect(machine.valid?.block == naive.validValue && machine.valid?.round == naive.validRound)
            #expect(machine.decision?.block == naive.decided && machine.hasHalted == naive.halted)
            if machine.locked != nil { reached.locks += 1 }
            if machine.decision != nil { reached.decisions += 1 }
            if Issue.isCurrent(machine, naive) == false { return }
        }
    }
}

extension Issue {
    /// Whether the two still agree, so that one difference is not reported a hundred times.
    static func isCurrent(_ machine: HeightMachine, _ naive: NaiveMachine) -> Bool {
        machine.round == naive.round && machine.step == naive.step && machine.locked?.block == naive.lockedValue
    }
}
