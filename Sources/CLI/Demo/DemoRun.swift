import API
import Foundation

/// Starts the nodes, posts the job, watches until every node has finished it; starts again a node that died.
struct DemoRun {
    let network: DemoNetwork
    let view: DemoView
    let killEvery: Int?

    /// Twenty minutes: ten rounds take about one here.
    private static let limit = Duration.seconds(1200)

    func run() async throws -> DemoSummary {
        let start = ContinuousClock.now
        var state = network.initialState
        view.say("five nodes in \(network.directory), seed \(network.seed)")
        for process in network.processes { try process.start() }
        try await wait(for: &state, until: { $0.nodes.allSatisfy(\.isRunning) }, from: start)
        try await network.postJob()
        view.say("job posted: \(network.rounds) rounds on Fashion-MNIST, budget \(fig(network.budgetSeeds)) FIG")
        try await wait(for: &state, until: \.isFinished, from: start)
        return try await summarise(state, seconds: start.duration(to: .now))
    }

    private func wait(
        for state: inout DemoState, until isDone: (DemoState) -> Bool, from start: ContinuousClock.Instant
    ) async throws {
        var lastKill = ContinuousClock.now
        while !isDone(state) {
            try Task.checkCancellation()
            guard start.duration(to: .now) < Self.limit else {
                throw Problem(
                    "too-slow", status: 504, "The demo is not done after \(Self.limit).", remedy: network.logs)
            }
            let settled = state.rounds.count { $0.settledHeight != nil }
            for (index, process) in network.processes.enumerated() {
                for event in process.newEvents() {
                    state.take(event, from: index)
                    view.pass(DemoEventLine(node: index + 1, event: event))
                }
                process.measure()
                try restartIfDead(process, index: index, in: &state)
            }
            if state.rounds.count(where: { $0.settledHeight != nil }) > settled { await updateBalances(of: &state) }
            if state.completed != nil { await askTheSilent(&state) }
            if let killEvery, lastKill.duration(to: .now) > .seconds(killEvery), state.job != nil {
                lastKill = .now
                let index = Int.random(in: network.processes.indices)
                view.say("killing \(network.processes[index].name) with SIGKILL")
                // Its counter ends with it.
                state.bytesBeforeKills += await network.status(of: index)?.bytesSent ?? 0
                network.processes[index].kill()
            }
            view.show(state)
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// A node that was killed between the last block and its report has nothing more to say: its ledger is asked.
    private func askTheSilent(_ state: inout DemoState) async {
        guard let job = state.job, let last = state.rounds.last?.index else { return }
        for index in state.nodes.indices where !state.nodes[index].hasFinished {
            guard let report = await network.job(job, at: index), report.phase == "finished" || report.phase == "failed"
            else { continue }
            state.nodes[index].hasFinished = true
            state.nodes[index].models[last] = report.model
        }
    }

    private func restartIfDead(_ process: NodeProcess, index: Int, in state: inout DemoState) throws {
        guard !process.isRunning else { return }
        state.nodes[index].restarts += 1
        state.nodes[index].isRunning = false
        guard state.nodes[index].restarts <= 1000, state.job != nil || state.nodes[index].restarts <= 2 else {
            throw Problem(
                "node-died", status: 500, "\(process.name) cannot start: \(process.lastWords)", remedy: network.logs)
        }
        view.say("\(process.name) died; starting it again")
        try process.start()
    }

    private func updateBalances(of state: inout DemoState) async {
        for index in state.nodes.indices {
            guard let report = await network.account(state.nodes[index].account) else { continue }
            state.nodes[index].balance = report.balance
            state.nodes[index].stake = report.stake
        }
    }

    private func summarise(_ state: DemoState, seconds: Duration) async throws -> DemoSummary {
        let statuses = await network.statuses()
        let last = state.rounds.last
        let trainers = Double(max(1, state.nodes.count))
        return DemoSummary(
            rounds: state.finishedRounds,
            accuracy: last?.accuracy ?? 0,
            cheats: state.cheats, cheatsRejected: state.cheatsRejected,
            honestUpdates: state.honestUpdates, honestRejected: state.honestRejected,
            supplyConserved: state.supplyConserved && statuses.allSatisfy { $0?.supply.conserved ?? true },
            modelDigests: state.nodes.map { $0.models[last?.index ?? 0] ?? "" },
            heights: zip(statuses, state.nodes).map { $0?.height ?? $1.height },
            seconds: seconds / .seconds(1),
            bytesOnWire: statuses.reduce(state.bytesBeforeKills) { $0 + ($1?.bytesSent ?? 0) },
            cheatKinds: state.rounds.compactMap(\.cheat).reduce(into: []) { kinds, kind in
                if !kinds.contains(kind) { kinds.append(kind) }
            },
            restarts: state.nodes.reduce(0) { $0 + $1.restarts },
            peakNodeBytes: network.processes.map(\.peakBytes).max() ?? 0,
            trainSeconds: state.rounds.flatMap(\.trainSeconds.values).reduce(0, +) / trainers,
            auditSeconds: state.rounds.flatMap(\.audits).reduce(0) { $0 + $1.seconds } / trainers)
    }
}
