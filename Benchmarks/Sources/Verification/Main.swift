import Foundation
import Keys
import Models
import Proofs

/// `verification answers | dispute`: what it costs to prove and to check answers of a language model, one line a figure.
@main enum Main {
    static func main() throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        let command = arguments.isEmpty ? "help" : arguments.removeFirst()
        let options = try Options(arguments)
        switch command {
        case "answers": try AnswerBenchmark(options).run()
        case "dispute": try DisputeBenchmark(options).run()
        default:
            print(
                """
                verification answers   proof overhead, full check and layer audit against generation, by length of the answer
                verification dispute   bytes and time of each move of a dispute about the last position of an answer
                  --model PATH --threads 1 --arithmetic int8|float32 --prompt 32 --lengths 8,16,32,64,128,256,512
                """)
        }
    }
}

struct Options {
    let model: LanguageModel
    let threads: Int
    let arithmetic: Arithmetic
    let prompt: Int
    let lengths: [Int]

    init(_ arguments: [String]) throws {
        var values: [String: String] = [:]
        for (name, value) in zip(arguments, arguments.dropFirst()) where name.hasPrefix("--") {
            values[String(name.dropFirst(2))] = value
        }
        let home = ProcessInfo.processInfo.environment["HOME"] ?? ""
        model = try LanguageModel.open(values["model"] ?? home + "/.banyan/models/SmolLM2-135M-Instruct.Q4_1.gguf")
        threads = values["threads"].flatMap(Int.init) ?? 1
        arithmetic = values["arithmetic"] == "float32" ? .float32 : .int8
        prompt = values["prompt"].flatMap(Int.init) ?? 32
        lengths = (values["lengths"] ?? "8,16,32,64,128,256,512").split(separator: ",").compactMap { Int($0) }
    }

    func transformer() throws -> Transformer { try Transformer(model, arithmetic: arithmetic, threads: threads) }

    /// Without end tokens: every answer has the length that is asked for.
    func rules() throws -> ModelRules {
        ModelRules(
            root: try model.weightTree.identity.root, layers: model.shape.layers, vocabulary: model.shape.vocabulary,
            contextLength: model.shape.contextLength, endTokens: [])
    }

    static let node = key(1)

    static func key(_ byte: UInt8) -> SigningKey {
        guard let key = SigningKey(seed: [UInt8](repeating: byte, count: 32)) else { preconditionFailure("32 bytes") }
        return key
    }

    func request(length: Int) throws -> InferenceRequest {
        let text = String(repeating: "Villages meet, trade and decide under a banyan tree. ", count: prompt / 8 + 1)
        let tokens = try model.tokenizer.encode(text, parsesSpecial: false, addsSpecial: false)
        guard let sampling = SamplingParameters(maximumTokens: UInt32(length)),
            let request = InferenceRequest(
                client: AccountID(Self.key(2).publicKey), provider: AccountID(Self.key(3).publicKey),
                node: Self.node.publicKey, model: try rules().root, arithmetic: arithmetic,
                prompt: Array(tokens.prefix(prompt)), sampling: sampling, nonce: .zero, verification: .merkle)
        else { preconditionFailure("\(length) tokens are within the limits") }
        return request
    }

    /// An answer as a provider makes it.
    func answer(_ request: InferenceRequest, on transformer: Transformer, proving: Bool) throws -> Exchange {
        let recorder = TranscriptRecorder(layers: model.shape.layers)
        let seed = InferenceSeed(job: request.id, by: Self.node)
        var generation = try Generation(
            cache: KeyValueCache(model.shape, limit: request.prompt.count + Int(request.sampling.maximumTokens)),
            prompt: request.prompt, sampler: Sampler(request.sampling, seed: seed.value), endTokens: [])
        while try generation.step(on: transformer, observer: proving ? recorder : nil) != nil {}
        guard let answer = Answer(output: generation.output, stop: .length) else { preconditionFailure("a token") }
        let root = proving ? recorder.transcript(job: request.id).root : .zero
        let receipt = Receipt.answer(answer, to: request, transcript: root, seed: seed.value)
        return Exchange(
            request: SignedRequest(request, by: Self.key(2)), answer: answer,
            receipt: .sign(receipt, seedProof: seed.proof, with: Self.node))
    }
}

/// Seconds of the fastest of some runs, and what it gave.
func best<Value>(of runs: Int, _ body: () throws -> Value) rethrows -> (seconds: Double, value: Value) {
    let clock = ContinuousClock()
    var start = clock.now
    var value = try body()
    var fastest = start.duration(to: clock.now)
    for _ in 1..<max(1, runs) {
        start = clock.now
        value = try body()
        fastest = min(fastest, start.duration(to: clock.now))
    }
    let (seconds, attoseconds) = fastest.components
    return (Double(seconds) + Double(attoseconds) * 1e-18, value)
}
