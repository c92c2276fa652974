import API
import Foundation

/// The training half: posts the job and watches until every node has finished it.
struct TrainingRun {
    let watch: DemoWatch

    private var network: DemoNetwork { watch.network }

    func run() async throws -> TrainingSummary {
        var state = TrainingState(network)
        let job = DemoJob(network: network)
        try await job.post()
        watch.view.say(
            "job posted: \(network.plan.rounds) rounds on Fashion-MNIST, budget \(fig(job.budgetSeeds)) FIG")
        while !state.isFinished {
            let settled = state.settledRounds
            try await watch.turn { index, event in if index < state.nodes.count { state.take(event, from: index) } }
            watch.isUnderWay = state.job != nil
            for index in state.nodes.indices {
                state.nodes[index].isRunning = watch.isRunning(index)
                state.nodes[index].restarts = watch.restarts(of: index)
            }
            if state.settledRounds > settled { await updateBalances(of: &state) }
            if state.completed != nil { await askTheSilent(&state, job) }
            watch.view.show(state)
        }
        return TrainingSummary(state)
    }

    /// A node that was killed between the last block and its report has nothing more to say: its ledger is asked.
    private func askTheSilent(_ state: inout TrainingState, _ job: DemoJob) async {
        guard let id = state.job, let last = state.rounds.last?.index else { return }
        for index in state.nodes.indices where !state.nodes[index].hasFinished {
            guard let report = await job.report(id, at: index), report.phase == "finished" || report.phase == "failed"
            else { continue }
            state.nodes[index].hasFinished = true
            state.nodes[index].models[last] = report.model
        }
    }

    private func updateBalances(of state: inout TrainingState) async {
        for index in state.nodes.indices {
            guard let report = await network.account(state.nodes[index].account) else { continue }
            state.nodes[index].balance = report.balance
            state.nodes[index].stake = report.stake
        }
    }
}
