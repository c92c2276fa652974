import API
import Foundation

/// Looks after the processes of a demo while it runs: reads what they tell, starts again what died, and keeps the figures of both halves.
final class DemoWatch {
    let network: DemoNetwork
    let view: DemoView
    private let start = ContinuousClock.now
    private var lastKill = ContinuousClock.now
    private var isRunning: Set<Int> = []
    private var heights: [UInt64]
    private var restarts: [Int]
    private var supplyConserved = true
    /// Bytes that nodes had sent when they were killed: their counters end with them.
    private var bytesBeforeKills: UInt64 = 0
    /// From now on a node that dies is started again however often.
    var isUnderWay = false

    /// Twenty minutes: both halves take about two here.
    private static let limit = Duration.seconds(1200)

    init(network: DemoNetwork, view: DemoView) {
        (self.network, self.view) = (network, view)
        heights = network.processes.map { _ in 0 }
        restarts = heights.map { _ in 0 }
    }

    /// Starts processes and waits until they say that they are ready.
    func begin(_ processes: [NodeProcess], take: (Int, NodeEvent) -> Void) async throws {
        for process in processes { try process.start() }
        let wanted = network.processes.indices.filter { index in processes.contains { $0 === network.processes[index] }
        }
        while !isRunning.isSuperset(of: wanted) { try await turn(take: take) }
    }

    /// A tenth of a second in the life of the processes.
    func turn(take: (Int, NodeEvent) -> Void) async throws {
        try Task.checkCancellation()
        guard start.duration(to: .now) < Self.limit else {
            throw Problem("too-slow", status: 504, "The demo is not done after \(Self.limit).", remedy: network.logs)
        }
        try await look(take: take)
        try await Task.sleep(for: .milliseconds(100))
    }

    /// Reads what the processes have told, and starts again those that died.
    func look(take: (Int, NodeEvent) -> Void) async throws {
        for (index, process) in network.processes.enumerated() where process.wasStarted {
            for event in process.newEvents() {
                note(event, from: index)
                take(index, event)
                view.pass(DemoEventLine(node: index + 1, event: event))
            }
            process.measure()
            try restartIfDead(process, index: index)
        }
        if let seconds = network.plan.killEvery, isUnderWay, lastKill.duration(to: .now) > .seconds(seconds) {
            lastKill = .now
            await kill(Int.random(in: network.nodes.indices))
        }
    }

    private func note(_ event: NodeEvent, from index: Int) {
        switch event {
        case .ready: isRunning.insert(index)
        case .block(let block):
            heights[index] = max(heights[index], block.height)
            supplyConserved = supplyConserved && block.supplyConserved
        default: break
        }
    }

    private func kill(_ index: Int) async {
        view.say("killing \(network.processes[index].name) with SIGKILL")
        bytesBeforeKills += await network.status(of: network.processes[index])?.bytesSent ?? 0
        network.processes[index].kill()
    }

    private func restartIfDead(_ process: NodeProcess, index: Int) throws {
        guard !process.isRunning else { return }
        restarts[index] += 1
        isRunning.remove(index)
        guard restarts[index] <= (isUnderWay ? 1000 : 2) else {
            throw Problem(
                "node-died", status: 500, "\(process.name) cannot start: \(process.lastWords)", remedy: network.logs)
        }
        view.say("\(process.name) died; starting it again")
        try process.start()
    }

    func isRunning(_ index: Int) -> Bool { isRunning.contains(index) }
    func restarts(of index: Int) -> Int { restarts[index] }

    /// The figures that concern both halves.
    func summarise(training: TrainingSummary?, inference: InferenceSummary?) async -> DemoSummary {
        var statuses: [NodeStatus?] = []
        for process in network.processes where process.wasStarted { statuses.append(await network.status(of: process)) }
        return DemoSummary(
            training: training, inference: inference,
            supplyConserved: supplyConserved && statuses.allSatisfy { $0?.supply.conserved ?? true },
            heights: zip(statuses, heights).map { $0?.height ?? $1 }, seconds: start.duration(to: .now) / .seconds(1),
            bytesOnWire: statuses.reduce(bytesBeforeKills) { $0 + ($1?.bytesSent ?? 0) },
            restarts: restarts.reduce(0, +), peakNodeBytes: network.processes.map(\.peakBytes).max() ?? 0)
    }
}
