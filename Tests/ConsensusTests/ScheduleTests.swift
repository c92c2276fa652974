import Consensus
import Keys
import Simulation
import Testing

@Suite("Random schedules")
struct ScheduleTests {
    struct Outcome {
        var world: World<ScheduleNode>
        /// The highest round of a correct node when faults stopped, and when all had decided.
        var roundAtCalm: Round = 0
        var lastRound: Round = 0
        var disagreements = 0
    }

    static let honest = ScheduleNode.Character.honest

    /// A world in which messages are lost, doubled and held back for three seconds, and then arrive in time.
    static func run(seed: UInt64, characters: [ScheduleNode.Character], powers: [UInt64], calm: UInt64 = 60_000_000_000)
        -> Outcome
    {
        var committee = Committee(powers: powers)
        committee.height = 1 + seed % 5
        let nodes = characters.enumerated().map { ScheduleNode(committee, $0.offset, $0.element) }
        let faults = VirtualNetwork.Faults(
            minimumDelay: 1_000_000, meanJitter: 15_000_000, loss: .percent(UInt32(seed % 5) * 10),
            duplication: .percent(10), stray: .percent(10), strayDelay: 800_000_000)
        var outcome = Outcome(world: World(seed: seed, nodes: nodes, faults: faults))
        let isHonest = characters.map { $0 == honest }
        var disagreements = 0
        func check(_ world: borrowing World<ScheduleNode>, _ acted: Int) {
            let decided = Set(zip(world.nodes, isHonest).filter(\.1).compactMap(\.0.machine.decision?.block))
            if decided.count > 1 { disagreements += 1 }
        }
        func highestRound(_ world: borrowing World<ScheduleNode>) -> Round {
            zip(world.nodes, isHonest).filter(\.1).map { $0.0.machine.decision?.round ?? $0.0.machine.round }.max() ?? 0
        }
        func isDecided(_ world: borrowing World<ScheduleNode>) -> Bool {
            zip(world.nodes, isHonest).allSatisfy { !$0.1 || $0.0.machine.decision != nil }
        }
        let cut = Int(outcome.world.dice.next(below: UInt64(characters.count)))
        switch seed % 4 {
        case 0: outcome.world.network.partition([Array(0..<cut), Array(cut..<characters.count)])
        case 1: for node in 0..<cut { outcome.world.network.cut(from: node, to: (node + 1) % characters.count) }
        default: break
        }
        outcome.world.run(until: 3_000_000_000, check: check)
        outcome.world.network.heal()
        outcome.world.network.faults = VirtualNetwork.Faults(minimumDelay: 1_000_000, meanJitter: 2_000_000)
        outcome.roundAtCalm = highestRound(outcome.world)
        while outcome.world.clock.now < calm, !isDecided(outcome.world) {
            outcome.world.run(until: outcome.world.clock.now + 50_000_000, check: check)
        }
        outcome.lastRound = highestRound(outcome.world)
        outcome.disagreements = disagreements
        return outcome
    }

    static func judge(_ outcome: Outcome, _ characters: [ScheduleNode.Character], seed: UInt64, within rounds: Round) {
        let replay = Comment(rawValue: Seeds.replay(seed, of: "ScheduleTests"))
        let pairs = Array(zip(outcome.world.nodes, characters))
        let correct = pairs.filter { $0.1 == honest }.map(\.0)
        let faulty = Set(pairs.filter { $0.1 != honest }.map { $0.0.committee.ids[$0.0.number] })
        #expect(outcome.disagreements == 0, replay)
        for node in correct {
            #expect(node.doubleSigns == 0 && node.refusals == 0 && node.halted.isEmpty, replay)
            #expect(node.accused.isSubset(of: faulty), replay)
            #expect(node.machine.decision != nil, replay)
        }
        #expect(outcome.lastRound <= outcome.roundAtCalm + rounds, replay)
    }

    @Test(
        "four validators, one of six characters: agreement always, a decision within five rounds of calm",
        arguments: Seeds.chosen(from: 0..<300))
    func four(seed: UInt64) {
        let lies: [ScheduleNode.Character] = [.silent, .equivocating, .amnesiac, .replaying, .noisy, .honest]
        var characters = Array(repeating: Self.honest, count: 4)
        characters[Int(seed / 6 % 4)] = lies[Int(seed % 6)]
        Self.judge(
            Self.run(seed: seed, characters: characters, powers: [1, 1, 1, 1]), characters, seed: seed, within: 5)
    }

    @Test(
        "seven validators, two that lie: agreement always, a decision within seven rounds of calm",
        arguments: Seeds.chosen(from: 0..<100))
    func seven(seed: UInt64) {
        let lies: [ScheduleNode.Character] = [.silent, .equivocating, .amnesiac, .replaying, .noisy]
        var characters = Array(repeating: Self.honest, count: 7)
        characters[Int(seed % 7)] = lies[Int(seed % 5)]
        characters[Int((seed + 1 + seed / 7 % 5) % 7)] = lies[Int(seed / 5 % 5)]
        Self.judge(
            Self.run(seed: seed, characters: characters, powers: Array(repeating: 1, count: 7)), characters, seed: seed,
            within: 7)
    }

    @Test("uneven powers: one small liar, one large honest validator", arguments: Seeds.chosen(from: 0..<60))
    func uneven(seed: UInt64) {
        let characters: [ScheduleNode.Character] = [.honest, .honest, .equivocating, .honest, .honest]
        Self.judge(
            Self.run(seed: seed, characters: characters, powers: [10, 4, 9, 4, 4]), characters, seed: seed, within: 7)
    }

    @Test("hidden lock: one validator locked, nobody else saw why; the chain still decides that height")
    func hiddenLock() {
        let committee = Committee()
        var rigs = (0..<4).map { Rig(committee, me: $0) }
        let a = Committee.a
        // Round 0: everybody prevotes a, but only validator 3 hears the polka, and its precommit is lost.
        for index in 0..<4 { rigs[index].feed(committee.proposal(0, a)) }
        for voter in 0..<3 { rigs[3].feed(committee.prevote(0, a, by: voter)) }
        #expect(rigs[3].machine.locked?.block == a)
        for index in 0..<3 { rigs[index].feed(committee.timeout(0, .prevote)) }
        // Validator 2 is silent from here on: the lock's owner is needed for every quorum.
        var decisions: [Digest] = []
        var mail: [HeightMachine.Input] = []
        func feed(_ index: Int, _ input: HeightMachine.Input) {
            for effect in rigs[index].feed(input) {
                switch effect {
                case .signProposal(let proposal): mail.append(.proposal(Committee.sign(proposal)))
                case .signVote(let vote): mail.append(.vote(Committee.sign(vote)))
                case .broadcast(let messages):
                    for case .certificate(let certificate) in messages { mail.append(.certificate(certificate)) }
                case .buildValue: feed(index, .valueBuilt(Digest(of: [9], domain: "other")))
                case .decide(let block, _, _): decisions.append(block)
                default: break
                }
            }
        }
        let awake = [0, 1, 3]
        for index in awake { feed(index, committee.timeout(0, .precommit)) }
        for round in 1...Round(4) where decisions.isEmpty {
            for step in [TimerID.Step.propose, .prevote, .precommit] {
                while !mail.isEmpty {
                    let batch = mail
                    mail = []
                    for input in batch { for index in awake { feed(index, input) } }
                }
                if decisions.isEmpty { for index in awake { feed(index, committee.timeout(round, step)) } }
            }
        }
        #expect(decisions.count == 3 && Set(decisions) == [a])
    }

    @Test("the same seed gives the same history, and another seed another")
    func deterministic() {
        let characters: [ScheduleNode.Character] = [.honest, .noisy, .honest, .honest]
        func digest(_ seed: UInt64) -> Digest {
            Self.run(seed: seed, characters: characters, powers: [1, 1, 1, 1]).world.traceDigest
        }
        #expect(digest(5) == digest(5) && digest(5) != digest(6))
    }
}
