import API
import ArgumentParser
import Foundation
import Models
import Node
import Proofs
import Wire

struct ReceiptVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check a saved receipt without asking anybody.",
        discussion: """
            Without --model: that the client signed this question, that the provider's node signed this answer to it, and that the seed
            is the one neither could choose. With --model: also that the model gives exactly these tokens and states, by computing
            all of it again. Exit code 1 when anything is wrong.

            Examples:
              banyan receipt verify answer.receipt
              banyan receipt verify answer.receipt --model smollm2 --threads 2
            """)
    @Argument(help: "The file of 'banyan receipt show --save'.") var file: String
    @Option(help: "Name of the model in the store, or its file: computes the answer again.") var model: String?
    @Option(help: "Threads; the verdict never depends on it.") var threads = 1
    @OptionGroup var output: OutputOptions

    struct Report: Encodable {
        var id: String
        var provider: String
        var client: String
        var model: String
        var promptTokens: Int
        var outputTokens: Int
        var stop: String
        /// `signatures` or `full`.
        var check: String
        /// What is wrong; nil when nothing is.
        var fault: String?
        /// Whether the provider's own signatures prove the fault.
        var blamesProvider: Bool
        /// The answer, when the model is there to tell its words.
        var text: String?
        var seconds: Double
    }

    func run() throws {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw Problem.invalid("The receipt '\(file)' cannot be read.")
        }
        let exchange: Exchange
        do throws(WireError) { exchange = try Exchange(canonicalBytes: Array(data)) } catch {
            throw Problem.invalid(
                "'\(file)' is no receipt: \(error)", remedy: "Save one: banyan receipt show ID --save FILE")
        }
        let start = ContinuousClock.now
        var text: String?
        var fault = exchange.faultWithoutModel
        if fault == nil, let model { (fault, text) = try computeAgain(exchange, with: model) }
        let report = Report(
            exchange, check: model == nil ? "signatures" : "full", fault: fault, text: text,
            seconds: start.duration(to: .now) / .seconds(1))
        try output.show(report, text: \.sentences)
        if fault != nil { throw ExitCode.failure }
    }

    private func computeAgain(_ exchange: Exchange, with name: String) throws -> (InferenceFault?, String?) {
        let path = try ModelStore().file(name)
        let request = exchange.request.request
        let finding: AnswerVerifier.Finding
        let text: String
        do throws(ModelError) {
            let model = try LanguageModel.open(path)
            let tokenizer = try model.tokenizer
            let transformer = try Transformer(model, arithmetic: request.arithmetic, threads: threads)
            finding = AnswerVerifier(transformer, rules: try ModelRules(model)).check(exchange)
            // The token that ends an answer says nothing.
            let words = exchange.answer.output.filter { !tokenizer.endTokens.contains($0) }
            text = String(decoding: tokenizer.decode(words), as: UTF8.self)
        } catch { throw Problem(error) }
        switch finding.outcome {
        case .correct: return (nil, text)
        case .faulty(let fault): return (fault, text)
        case .unable(.model(let wanted)):
            throw Problem.invalid(
                "The receipt is for the model \(wanted), and '\(path)' is another.",
                remedy: "See the roots: banyan model list")
        case .unable(let reason): throw Problem.invalid("The answer cannot be computed again here: \(reason)")
        }
    }
}

extension ReceiptVerify.Report {
    fileprivate init(_ exchange: Exchange, check: String, fault: InferenceFault?, text: String?, seconds: Double) {
        let request = exchange.request.request
        self.init(
            id: "\(request.id)", provider: "\(request.provider)", client: "\(request.client)",
            model: "\(request.model)",
            promptTokens: request.prompt.count, outputTokens: exchange.answer.output.count,
            stop: "\(exchange.answer.stop)", check: check, fault: fault?.description,
            blamesProvider: fault?.blamesProvider ?? false, text: text, seconds: seconds)
    }

    fileprivate var sentences: String {
        let blame =
            blamesProvider ? "the provider's own signature proves it" : "these parts are no exchange; it blames nobody"
        let verdict =
            switch (fault, check) {
            case (let fault?, _): "WRONG: \(fault)\n(\(blame))"
            case (nil, "full"): "right: all of it computed again in \(rounded(seconds)) s, bits are equal"
            default: "signed by both, with the seed that neither could choose; name --model to compute the answer again"
            }
        return """
            receipt   \(id)
            provider  \(provider)
            client    \(client)
            model     \(model)
            tokens    \(promptTokens) of the prompt, \(outputTokens) of the answer (\(stop))
            \(text.map { "answer    \($0)\n" } ?? "")\(verdict)
            """
    }
}
