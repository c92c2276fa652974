import API
import ArgumentParser
import Foundation
import UnixSignals

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a model among five processes on this machine; one of them cheats and is caught.",
        discussion: """
            Starts five nodes, each its own process with its own key, directory and port; four are validators of one chain.
            They train a network on Fashion-MNIST for a budget posted on the ledger. The fifth really cheats. Everything shown
            is measured in the run.

            Examples:
              banyan demo
              banyan demo --rounds 3 --json
              banyan demo --keep            leave the five nodes running
            """)

    enum Half: String, ExpressibleByArgument, CaseIterable { case training }

    @Option(help: "Rounds of training.") var rounds = 10
    @Option(help: "Decides keys, data shards and lots; a random one without it.") var seed: UInt64?
    @Option(help: "Run one part only.") var only: Half?
    @Flag(help: "Run without a cheater: four honest trainers.") var honest = false
    @Flag(help: "Leave the nodes running at the end.") var keep = false
    @Flag(help: "Print one JSON object a line.") var json = false
    @Option(help: "Where the nodes keep their data; a new temporary directory without it.") var directory: String?
    @Option(help: "Threads each node trains with.") var threads = 1
    @Option(help: ArgumentHelp("Kill a random node every so many seconds.", visibility: .hidden)) var killEvery: Int?

    func validate() throws {
        guard (1...1000).contains(rounds) else { throw ValidationError("--rounds is \(rounds); it is 1 to 1000.") }
        guard (1...64).contains(threads) else { throw ValidationError("--threads is \(threads); it is 1 to 64.") }
    }

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let outcome = try await withThrowingTaskGroup(of: DemoSummary?.self) { group in
            group.addTask { try await self.perform() }
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
        guard outcome.succeeded(of: rounds) else { throw ExitCode.failure }
    }

    /// Runs the network to the end of the job, showing it, and stops every process whatever happens.
    private func perform() async throws -> DemoSummary {
        let network = try DemoNetwork(
            directory: directory, seed: seed ?? UInt64.random(in: 0...UInt64.max), rounds: rounds, honest: honest,
            threads: threads, keep: keep)
        do {
            let view = DemoView(json: json, rounds: rounds)
            let summary = try await DemoRun(network: network, view: view, killEvery: killEvery).run()
            view.finish(summary, network: network, kept: keep)
            if !keep { network.stop() }
            return summary
        } catch {
            network.stop()
            throw error
        }
    }
}
