import Foundation
import InferenceWire
import Keys
import Models
import Proofs
import Wire

/// The curve of checking over the length of the answer. A length's figures come from runs side by side.
struct AnswerBenchmark {
    private let options: Options

    init(_ options: Options) { self.options = options }

    func run() throws {
        let transformer = try options.transformer()
        let rules = try options.rules()
        let verifier = AnswerVerifier(transformer, rules: rules)
        print(
            "threads \(options.threads), \(options.arithmetic), prompt of \(options.prompt) tokens, \(options.known) of them known",
            "to both sides; seconds, best of \(options.rounds), and the share of generating the answer with its transcript"
        )
        print("length   generate   full check         layer audit        opening            opening bytes")
        for length in options.lengths {
            let request = try options.request(length: length)
            let known = try options.known(of: request, on: transformer)
            let (bare, exchange) = try best { try options.answer(request, on: transformer, after: known) }
            let (full, finding) = best {
                verifier.check(exchange, after: known?.copy(limit: exchange.fedTokens.count))
            }
            guard finding.outcome == .correct else { fatalError("\(finding.outcome)") }
            let challenge = AuditChallenge(receipt: exchange.receipt.receipt.id, by: Options.key(4))
            guard let output = challenge.output else { fatalError("the proof is the verifier's own") }
            let draw = SliceDraw(output, layers: rules.layers, answer: length)
            let opener = SliceOpener(transformer, layers: rules.layers)
            let (open, opening) = try best { try opener.open(exchange, draw) }
            let (slice, outcome) = best { verifier.check(exchange, opening: opening, draw: draw) }
            guard outcome == .correct else { fatalError("\(outcome)") }
            func share(_ seconds: Double) -> String { String(format: "%.4f (%4.1f %%)", seconds, 100 * seconds / bare) }
            print(
                String(format: "%6d   %8.4f  ", length, bare), share(full), " ",
                share(slice), " ", share(open), " ", opening.canonicalBytes.count)
        }
        let request = try options.request(length: 8)
        let exchange = try options.answer(request, on: transformer)
        let end = InferenceMessage.final(ReceiptSeal(of: exchange.receipt), stop: exchange.answer.stop)
        var frame = ByteWriter()
        frame.writePrefixed(end.bytes)
        print(
            "receipt, for any length: \(frame.bytes.count) bytes on the wire, \(exchange.receipt.canonicalBytes.count) where it is kept"
        )
    }

    private func best<Value>(_ body: () throws -> Value) rethrows -> (seconds: Double, value: Value) {
        try verification.best(of: options.rounds, threads: options.threads, body)
    }
}
