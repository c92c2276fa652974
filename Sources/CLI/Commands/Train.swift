import API
import ArgumentParser
import Foundation
import Keys
import Ledger
import Models
import Yams

struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train models together with others.",
        discussion: """
            Examples:
              banyan train create --rounds 10 --budget 100 --trainers 4
              banyan train create job.yaml
              banyan train join JOB
              banyan train status
            """,
        subcommands: [Create.self, Join.self, JobStatus.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Post a training job and lock its budget.",
            discussion: """
                The file has lines such as 'rounds: 10' and 'learningRate: "0.05"'; docs/training.md lists them all. Flags win.
                """)
        @Argument(help: "A YAML file that describes the job.") var file: String?
        @Option(help: "Rounds of training.") var rounds: UInt32?
        @Option(help: "Budget in FIG, for all rounds.") var budget: Amount?
        @Option(help: "Trainers; training starts when so many have joined.") var trainers: UInt32?
        @Option(help: "Directory of the Fashion-MNIST files.") var dataset = FashionMNIST.defaultDirectory
        @OptionGroup var transaction: TransactionOptions

        func run() async throws {
            var job = try read()
            if let rounds { job.rounds = rounds }
            if let budget { job.budget = budget }
            if let trainers { job.trainers = trainers }
            let data: FashionMNIST
            do { data = try FashionMNIST.load(directory: dataset) } catch {
                throw Problem.invalid(
                    "The data set in '\(dataset)' cannot be read: \(error)", remedy: "Scripts/setup installs it.")
            }
            let plan = try await job.publish(dataset: data.training.digest, through: try transaction.node.client())
            try await transaction.send(.postJob(plan)) {
                """
                posted in block \($0.height ?? 0): \(job.rounds) rounds, \(job.trainers) trainers, budget \(job.budget)
                job \($0.id)
                Trainers join with  banyan train join \($0.id)
                """
            }
        }

        private func read() throws -> TrainingJobFile {
            guard let file else { return try YAMLDecoder().decode(TrainingJobFile.self, from: "{}") }
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                throw Problem.invalid("The job file '\(file)' cannot be read.")
            }
            let names = (try? Yams.load(yaml: text)) as? [String: Any] ?? [:]
            if let stranger = names.keys.sorted().first(where: { !TrainingJobFile.keys.contains($0) }) {
                throw Problem.invalid(
                    "'\(stranger)' in '\(file)' describes no job.",
                    remedy: "Known: \(TrainingJobFile.keys.joined(separator: ", ")).")
            }
            do { return try YAMLDecoder().decode(TrainingJobFile.self, from: text) } catch let problem as Problem {
                throw problem
            } catch {
                throw Problem.invalid("'\(file)' is no job file: \(error)")
            }
        }
    }

    struct Join: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Join a job with the node's account.",
            discussion: "The account needs the job's stake; a node that runs with --train does all of this by itself.")
        @Argument(help: "Id of the job.") var job: Digest
        @OptionGroup var transaction: TransactionOptions

        func run() async throws {
            try await transaction.send(.joinJob(job)) { "joined in block \($0.height ?? 0)" }
        }
    }

    struct JobStatus: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "status", abstract: "Show open jobs, or one job.")
        @Argument(help: "Id of the job.") var job: String?
        @OptionGroup var node: NodeOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let client = try node.client()
            guard let job else {
                return try output.show(try await client.get("/v1/training/jobs", as: [JobReport].self)) { jobs in
                    guard !jobs.isEmpty else { return "No job is open. Post one with 'banyan train create'." }
                    return table(
                        ["JOB", "PHASE", "ROUND", "TRAINERS", "BUDGET"],
                        jobs.map {
                            [
                                $0.id, $0.phase, "\($0.round &+ 1)/\($0.rounds)", "\($0.trainers.count)",
                                "\(fig($0.budget)) FIG",
                            ]
                        })
                }
            }
            try output.show(try await client.get("/v1/training/jobs/\(job)", as: JobReport.self)) { job in
                """
                job       \(job.id)
                owner     \(job.owner)
                phase     \(job.phase), round \(job.round &+ 1) of \(job.rounds)\(job.deadline.map { ", until height \($0)" } ?? "")
                model     \(job.model)
                budget    \(fig(job.budget)) FIG
                trainers  \(job.trainers.joined(separator: "\n          "))
                """
            }
        }
    }
}
