import Foundation
import Keys
import Models
import Proofs
import Wire

/// A challenger leads an honest provider to the last position of an answer and the most expensive questions there.
struct DisputeBenchmark {
    private let options: Options

    init(_ options: Options) { self.options = options }

    func run() throws {
        let transformer = try options.transformer()
        let layout = try ModelLayout(options.model)
        let rules = try options.rules()
        let request = try options.request(length: options.lengths.max() ?? 200)
        let exchange = try options.answer(request, on: transformer)
        let hand = try DisputeHand(
            job: request.id, tokens: exchange.fedTokens, transformer: transformer, layout: layout,
            rows: FileRows(options.model.file))
        print("answer of \(exchange.answer.output.count) tokens, \(exchange.fedTokens.count) positions")
        let last = UInt32(exchange.fedTokens.count - 2)
        let questions: [(String, DisputeStatement.Claim, [DisputeMove])] = [
            ("down", .transcript, [.element(.down, 7)]), ("query", .transcript, [.element(.query, 7)]),
            ("norm", .transcript, [.element(.feedForwardNorm, 7)]), ("gated", .transcript, [.element(.gated, 7)]),
            ("attention", .transcript, [.element(.attention, 7), .agree]),
            ("key", .transcript, [.element(.attention, 7), .entry(position: last, isValue: false, index: 3)]),
            ("token", .token(step: exchange.answer.output.count - 1), [.agree]),
            ("logit", .token(step: exchange.answer.output.count - 1), [.logit(11)]),
        ]
        for (name, claim, script) in questions {
            guard let statement = DisputeStatement(claim, about: exchange, rules: rules, layout: layout) else {
                fatalError("the exchange is honest")
            }
            var machine = DisputeMachine(statement, budget: 1_000, at: 0)
            var script = script[...]
            var (largest, total, slowest) = (0, 0, 0.0)
            while let turn = machine.turn {
                let move: DisputeMove?
                switch machine.phase {
                case .pointAtNode, .pointAtBoundary: move = .right
                default:
                    move = turn == .challenger ? script.popFirst() : try hand.show(in: machine, weights: weights)
                }
                guard let move else { fatalError("no move in \(machine.phase)") }
                let bytes = move.canonicalBytes
                largest = max(largest, bytes.count)
                total += bytes.count
                let (seconds, after) = try best(of: 3, threads: options.threads) {
                    var copy = machine
                    _ = copy.step(.move(turn, try DisputeMove(canonicalBytes: bytes)), at: 1)
                    return copy
                }
                slowest = max(slowest, seconds)
                machine = after
            }
            guard machine.outcome?.winner == .provider else { fatalError("\(String(describing: machine.outcome))") }
            print(
                "\(name): \(machine.rounds) rounds of at most \(statement.roundLimit); largest move \(largest) bytes, all moves",
                "\(total) bytes;", String(format: "slowest step of the referee %.2f ms", slowest * 1_000))
        }
    }

    private func weights(_ tensor: String, _ row: Int) -> WeightProof? {
        guard let tree = try? options.model.weightTree,
            let leaf = tree.identity.tensors.first(where: { $0.name == tensor })
        else { return nil }
        return try? tree.proof(tensor: tensor, chunk: row / leaf.rowsPerChunk)
    }
}
