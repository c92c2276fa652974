import Consensus
import Keys
import Testing

/// Every schedule of a small world, within a stated bound.
///
/// Four validators of equal power; number 0 proposes first and lies. Links keep the order of their messages. A search
/// visits every state that some schedule reaches (equal states once) and looks at each: no two correct validators decide
/// differently, and none signs twice in a step.
@Suite("Exhaustive small worlds")
struct ExhaustiveTests {
    struct State: Hashable {
        /// Machines of validators 1, 2, 3.
        var machines: [HeightMachine]
        /// Messages on their way to validator `to` from `from`: `links[to - 1][from]`.
        var links: [[[HeightMachine.Input]]]
        var timers: [Set<TimerID>]
        /// How often a choice other than the first possible one was made.
        var detours = 0
    }

    enum Choice: Hashable {
        case deliver(to: Int, from: Int)
        case fire(Int, TimerID)
    }

    struct Bounds {
        var lastRound: Round
        /// nil: any schedule.
        var detours: Int?
    }

    struct Report {
        var states = 0
        var decisions: Set<Digest> = []
        var isFinished = true
        var doubleSigns = 0
        var disagreements = 0
        var highestRound: Round = 0
    }

    let four = Committee()

    /// A lie: what validator 0 sends to each of the others, in order.
    typealias Lie = [[HeightMachine.Input]]

    func explore(_ lie: Lie, _ bounds: Bounds, limit: Int) -> Report {
        var report = Report()
        var first = State(
            machines: (1...3).map { four.machine($0) },
            links: Array(repeating: Array(repeating: [], count: 4), count: 3),
            timers: Array(repeating: [], count: 3))
        for node in 0..<3 { first.links[node][0] = lie[node] }
        for node in 0..<3 { apply(.start, at: node, &first, &report) }
        var seen: Set<State> = [first]
        var open = [first]
        while let state = open.popLast() {
            report.states += 1
            inspect(state, &report)
            if report.states >= limit {
                report.isFinished = false
                break
            }
            for (number, choice) in choices(state, bounds).enumerated() {
                var next = state
                if let detours = bounds.detours, number > 0 {
                    next.detours += 1
                    if next.detours > detours { break }
                }
                switch choice {
                case .deliver(let node, let from):
                    let input = next.links[node][from].removeFirst()
                    apply(input, at: node, &next, &report)
                case .fire(let node, let timer):
                    next.timers[node].remove(timer)
                    apply(.timeout(timer), at: node, &next, &report)
                }
                if seen.insert(next).inserted { open.append(next) }
            }
        }
        return report
    }

    /// Deliveries first, then timers, each in a fixed order: the first choice is what a calm network would do.
    func choices(_ state: State, _ bounds: Bounds) -> [Choice] {
        var choices: [Choice] = []
        for node in 0..<3 where state.machines[node].decision == nil {
            for from in 0..<4 where !state.links[node][from].isEmpty { choices.append(.deliver(to: node, from: from)) }
        }
        for node in 0..<3 where state.machines[node].decision == nil {
            for timer in state.timers[node].sorted(by: { ($0.round, $0.step.rawValue) < ($1.round, $1.step.rawValue) })
            where timer.round == state.machines[node].round {
                if timer.step == .precommit, timer.round == bounds.lastRound { continue }
                choices.append(.fire(node, timer))
            }
        }
        return choices
    }

    func apply(_ input: HeightMachine.Input, at node: Int, _ state: inout State, _ report: inout Report) {
        var queue = [input]
        while !queue.isEmpty {
            for effect in state.machines[node].step(queue.removeFirst()) {
                switch effect {
                case .signVote(let vote):
                    let signed = HeightMachine.Input.vote(Committee.sign(vote))
                    queue.append(signed)
                    for other in 0..<3 where other != node { state.links[other][node + 1].append(signed) }
                case .signProposal(let proposal):
                    let signed = HeightMachine.Input.proposal(Committee.sign(proposal))
                    queue.append(signed)
                    for other in 0..<3 where other != node { state.links[other][node + 1].append(signed) }
                case .buildValue(let round): queue.append(.valueBuilt(round == 1 ? Committee.b : Committee.c))
                case .validate(let block): queue.append(.validity(block, true, timely: true))
                case .broadcast(let messages):
                    for case .certificate(let certificate) in messages {
                        for other in 0..<3 where other != node {
                            state.links[other][node + 1].append(.certificate(certificate))
                        }
                    }
                case .schedule(let timer, _) where timer.step != .rebroadcast: state.timers[node].insert(timer)
                case .ownKeyAbused: report.doubleSigns += 1
                case .halt: report.disagreements += 1
                case .evidence(let evidence) where evidence.offender != four.ids[0]: report.doubleSigns += 1
                default: break
                }
            }
        }
        // What is of no more use makes states equal: timers of past rounds, messages to those who have decided.
        let round = state.machines[node].round
        state.timers[node] = state.timers[node].filter { $0.round >= round }
        if state.machines[node].decision != nil {
            state.links[node] = Array(repeating: [], count: 4)
            state.timers[node] = []
        }
    }

    func inspect(_ state: State, _ report: inout Report) {
        let decided = Set(state.machines.compactMap(\.decision?.block))
        if decided.count > 1 { report.disagreements += 1 }
        report.decisions.formUnion(decided)
        report.highestRound = max(report.highestRound, state.machines.map(\.round).max() ?? 0)
    }

    /// Two blocks for round 0: `a` to some, `b` to the others, and votes to match or to mix.
    func lies() -> [Lie] {
        let (a, b) = (Committee.a, Committee.b)
        func tell(_ proposal: Digest?, _ prevote: Digest?, _ precommit: Digest?) -> [HeightMachine.Input] {
            (proposal.map { [four.proposal(0, $0)] } ?? [])
                + [four.prevote(0, prevote, by: 0), four.precommit(0, precommit, by: 0)]
        }
        return [
            [tell(a, a, a), tell(a, a, a), tell(b, b, b)],
            [tell(a, a, a), tell(a, a, nil), tell(nil, nil, nil)],
            [tell(a, b, b), tell(b, a, a), tell(nil, b, a)],
            [tell(a, a, nil), tell(a, nil, a), tell(a, a, b)],
            [tell(a, a, a), [], tell(a, nil, nil)],
        ]
    }

    @Test("one round, a lying proposer: no schedule with at most three detours breaks agreement or signs twice")
    func oneRound() {
        for (number, lie) in lies().enumerated() {
            let report = explore(lie, Bounds(lastRound: 0, detours: 3), limit: 40_000)
            #expect(
                report.isFinished && report.doubleSigns == 0 && report.disagreements == 0, "lie \(number): \(report)")
        }
    }

    @Test("three rounds, a lying proposer: no schedule with at most two detours breaks agreement")
    func threeRounds() {
        for (number, lie) in lies().enumerated() {
            let report = explore(lie, Bounds(lastRound: 2, detours: 2), limit: 40_000)
            #expect(
                report.isFinished && report.doubleSigns == 0 && report.disagreements == 0, "lie \(number): \(report)")
            #expect(!report.decisions.isEmpty)
        }
    }
}
