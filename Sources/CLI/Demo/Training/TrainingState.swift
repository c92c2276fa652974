import API
import Node

/// What a demo knows so far: folds the events of every node into one picture. A plain value; it draws nothing.
struct TrainingState: Sendable {
    struct Node: Sendable {
        var name: String
        var account: String
        var isCheater: Bool
        var isRunning = false
        var restarts = 0
        var height: UInt64 = 0
        var balance: String?
        var stake: String?
        /// What the node does now, e.g. "training round 3".
        var activity = "ready"
        /// The model after each round, by round, as this node settled it.
        var models: [UInt32: String] = [:]
        var hasFinished = false
    }

    struct Decision: Sendable, Hashable {
        var worker: Int
        var outcome: String
        var reason: String?
    }

    struct Audit: Sendable, Hashable {
        var auditor: Int
        var worker: Int
        var segments: [UInt32]
        var fault: String?
        var seconds: Double
    }

    struct Round: Sendable {
        var index: UInt32
        var openedHeight: UInt64 = 0
        var settledHeight: UInt64?
        var trainSeconds: [Int: Double] = [:]
        var audits: [Audit] = []
        var decisions: [Decision] = []
        var cheat: String?
        var correct: Int?
        var total: Int?
        var movements: [(account: Int, sign: String, amount: String)] = []

        var accuracy: Double? {
            guard let correct, let total, total > 0 else { return nil }
            return Double(correct) / Double(total)
        }
    }

    var nodes: [Node]
    private(set) var rounds: [Round] = []
    private(set) var job: String?
    private(set) var completed: Bool?
    let plannedRounds: Int

    init(nodes: [Node], plannedRounds: Int) {
        self.nodes = nodes
        self.plannedRounds = plannedRounds
    }

    init(_ network: DemoNetwork) {
        let nodes = zip(network.nodes, network.cast.nodes).enumerated().map { index, pair in
            Node(
                name: pair.0.name, account: "\(pair.1.accountID)",
                isCheater: index == DemoCast.nodeCount - 1 && !network.plan.isHonest)
        }
        self.init(nodes: nodes, plannedRounds: network.plan.rounds)
    }

    var settledRounds: Int { rounds.count { $0.settledHeight != nil } }

    /// Rounds of which the accuracy and every decision are known.
    var finishedRounds: Int { rounds.count { $0.settledHeight != nil && $0.correct != nil } }
    var isFinished: Bool { nodes.allSatisfy(\.hasFinished) && finishedRounds == rounds.count }

    var cheats: Int { rounds.count { $0.cheat != nil } }
    var cheatsRejected: Int { decisions(by: { nodes[$0].isCheater }).count { $0.outcome == "rejected" } }
    var honestUpdates: Int { decisions(by: { !nodes[$0].isCheater }).count }
    var honestRejected: Int { decisions(by: { !nodes[$0].isCheater }).count { $0.outcome == "rejected" } }

    private func decisions(by isWanted: (Int) -> Bool) -> [Decision] {
        rounds.flatMap(\.decisions).filter { isWanted($0.worker) }
    }

    /// Takes in one event of node number `index`.
    mutating func take(_ event: NodeEvent, from index: Int) {
        switch event {
        case .ready:
            nodes[index].isRunning = true
            nodes[index].activity = "ready"
        case .block(let block):
            nodes[index].height = max(nodes[index].height, block.height)
        case .roundOpened(let opened):
            job = opened.job
            nodes[index].activity = "training round \(opened.round + 1)"
            change(opened.round) { $0.openedHeight = opened.height }
        case .trained(let trained):
            nodes[index].activity = "trained \(trained.steps) steps"
            change(trained.round) { $0.trainSeconds[index] = trained.seconds }
        case .cheated(let cheated):
            change(cheated.round) { $0.cheat = cheated.kind }
        case .audited(let audited):
            guard let worker = self.index(of: audited.worker) else { return }
            nodes[index].activity = "audited \(nodes[worker].name)"
            let audit = Audit(
                auditor: index, worker: worker, segments: audited.segments, fault: audited.fault,
                seconds: audited.seconds)
            change(audited.round) { $0.audits.append(audit) }
        case .decided(let decided):
            guard let worker = self.index(of: decided.worker) else { return }
            let decision = Decision(worker: worker, outcome: decided.outcome, reason: decided.reason)
            change(decided.round) { round in
                // Every node reports every decision; the chain makes them the same.
                if !round.decisions.contains(where: { $0.worker == worker }) { round.decisions.append(decision) }
            }
        case .roundSettled(let settled):
            nodes[index].models[settled.round] = settled.model
            nodes[index].activity = "settled round \(settled.round + 1)"
            let movements =
                settled.payments.compactMap { payment in
                    self.index(of: payment.account).map { (account: $0, sign: "+", amount: payment.amount) }
                }
                + settled.slashes.compactMap { slash in
                    self.index(of: slash.account).map { (account: $0, sign: "−", amount: slash.amount) }
                }
            change(settled.round) { round in
                round.settledHeight = settled.height
                round.movements = movements
            }
        case .evaluated(let evaluated):
            change(evaluated.round) { round in
                round.correct = evaluated.correct
                round.total = evaluated.total
            }
        case .jobFinished(let finished):
            completed = finished.completed
            nodes[index].hasFinished = true
            nodes[index].activity = "done"
        case .served, .abandoned, .deceived, .checked, .judged: break
        }
    }

    private func index(of account: String) -> Int? { nodes.firstIndex { $0.account == account } }

    private mutating func change(_ index: UInt32, _ body: (inout Round) -> Void) {
        if let position = rounds.firstIndex(where: { $0.index == index }) {
            body(&rounds[position])
        } else {
            var round = Round(index: index)
            body(&round)
            rounds.append(round)
            rounds.sort { $0.index < $1.index }
        }
    }
}
