import API
import ArgumentParser
import Foundation
import Node
import UnixSignals

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a model and ask one, among eight processes on this machine; some cheat and are caught.",
        discussion: """
            Starts five nodes, each its own process with its own key, directory and port; four are validators of one chain.
            They train a network on Fashion-MNIST for a budget posted on the ledger. The fifth really cheats.
            Then three more serve a language model, and two of them cheat in ways drawn by the seed. Node 1 asks them your question,
            computes every answer again and accuses the liars; a committee of the others judges, and the ledger takes their stake.
            Everything shown is measured in the run.

            Examples:
              banyan demo
              banyan demo --question "Why do leaves fall?"
              banyan demo --only inference --seed 7
              banyan demo --rounds 3 --json
              banyan demo --keep            leave the nodes running
            """)

    @Option(help: "Rounds of training.") var rounds = 10
    @Option(help: "Decides keys, data shards, cheats and lots; a random one without it.") var seed: UInt64?
    @Option(help: "Run one half only.") var only: DemoPlan.Half?
    @Option(help: "The question of the second half; typed at the terminal without it.") var question: String?
    @Option(help: "Name of the language model in the store, or a file.") var model = "smollm2"
    @Flag(help: "Run without cheaters.") var honest = false
    @Flag(help: "Leave the nodes running at the end.") var keep = false
    @Flag(help: "Print one JSON object a line.") var json = false
    @Option(
        help:
            "Where the nodes keep their data; without it a temporary directory, which goes at the end of a demo that succeeds."
    ) var directory: String?
    @Option(help: "Threads each node computes with.") var threads = 1
    @Option(help: ArgumentHelp("Kill a random node every so many seconds.", visibility: .hidden)) var killEvery: Int?

    func validate() throws {
        guard (1...1000).contains(rounds) else { throw ValidationError("--rounds is \(rounds); it is 1 to 1000.") }
        guard (1...64).contains(threads) else { throw ValidationError("--threads is \(threads); it is 1 to 64.") }
    }

    func run() async throws {
        let plan = try plan()
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let outcome = try await withThrowingTaskGroup(of: DemoSummary?.self) { group in
            group.addTask { try await perform(plan) }
            group.addTask {
                for await _ in signals { return nil }
                return nil
            }
            let first = await group.nextResult()
            group.cancelAll()
            while await group.nextResult() != nil {}
            return try first?.get()
        }
        guard let outcome else {
            FileHandle.standardError.write(Data("\nstopped; no process is left\n".utf8))
            throw ExitCode(130)
        }
        guard outcome.succeeded(plan) else { throw ExitCode.failure }
    }

    private func plan() throws -> DemoPlan {
        let halves = only.map { [$0] } ?? DemoPlan.Half.allCases
        return DemoPlan(
            halves: halves, seed: seed ?? UInt64.random(in: 0...UInt64.max), rounds: rounds, isHonest: honest,
            threads: threads, keeps: keep,
            directory: directory ?? NSTemporaryDirectory() + "banyan-demo-"
                + String(UInt32.random(in: .min ... .max), radix: 16),
            isTemporary: directory == nil && !keep,
            model: halves.contains(.inference) ? try ModelStore().file(model) : nil, question: question,
            killEvery: killEvery)
    }

    /// Runs the halves, showing them, and stops every process whatever happens.
    private func perform(_ plan: DemoPlan) async throws -> DemoSummary {
        let network = try DemoNetwork(plan)
        do {
            let view = DemoView(json: json)
            let watch = DemoWatch(network: network, view: view)
            view.say("five nodes in \(plan.directory), seed \(plan.seed)")
            try await watch.begin(network.nodes) { _, _ in }
            let training = plan.halves.contains(.training) ? try await TrainingRun(watch: watch).run() : nil
            view.settle()
            if let training, view.isScreen { view.tell(.init(training.headline, .bold)) }
            let inference = plan.halves.contains(.inference) ? try await InferenceRun(watch: watch).run() : nil
            let summary = await watch.summarise(training: training, inference: inference)
            view.finish(summary, network: network)
            if !plan.keeps { network.stop() }
            if summary.succeeded(plan) { network.clear() }
            return summary
        } catch {
            network.stop()
            if error is CancellationError { network.clear() }
            throw error
        }
    }
}

extension DemoPlan.Half: ExpressibleByArgument {}
