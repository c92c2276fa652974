import Foundation
import Keys
import Models
import Proofs
import Wire

/// A challenger leads an honest provider to the last position of an answer and the most expensive questions there. A step of the referee is all
/// that a ledger asks of it for one move: bytes of state and move in, bytes of the next state out.
struct DisputeBenchmark {
    private let options: Options

    init(_ options: Options) { self.options = options }

    func run() throws {
        let transformer = try options.transformer()
        let layout = try ModelLayout(options.model)
        let rules = try options.rules()
        let model = try ModelDescription(options.model)
        let request = try options.request(length: options.lengths.max() ?? 200)
        let exchange = try options.answer(request, on: transformer)
        let hand = try DisputeHand(
            job: request.id, tokens: exchange.fedTokens, transformer: transformer, layout: layout,
            rows: FileRows(try options.model.weightTree))
        print("answer of \(exchange.answer.output.count) tokens, \(exchange.fedTokens.count) positions")
        let opening = DisputeCase(claim: .transcript, exchange: exchange, model: model)
        print("opening \(opening.canonicalBytes.count) bytes, the model's part \(model.canonicalBytes.count)")
        let size = DisputeSize(positions: exchange.fedTokens.count, layout: layout, identity: model.identity)
        print("bound of a move \(size.move) bytes, of the state \(size.state) and the opening")
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
            let dispute = DisputeCase(claim: claim, exchange: exchange, model: model)
            var (largest, total, input, slowest) = (0, 0, 0, 0.0)
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
                let state = ConductedDispute(dispute: dispute, machine: machine).canonicalBytes
                input = max(input, state.count + bytes.count)
                let (seconds, after) = try best(of: 3, threads: options.threads) {
                    var conducted = try ConductedDispute(canonicalBytes: state)
                    _ = conducted.machine.step(.move(turn, try DisputeMove(canonicalBytes: bytes)), at: 1)
                    return (conducted, conducted.canonicalBytes)
                }
                slowest = max(slowest, seconds)
                machine = after.0.machine
            }
            guard machine.outcome?.winner == .provider else { fatalError("\(String(describing: machine.outcome))") }
            print(
                "\(name): \(machine.rounds) rounds of at most \(statement.roundLimit); largest move \(largest) bytes, largest input \(input), all moves",
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
