import Foundation
import Keys
import Models
import Proofs

/// `verification answers | overhead | dispute`: what it costs to prove and to check answers of a language model, one line a figure.
@main enum Main {
    static func main() throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        let command = arguments.isEmpty ? "help" : arguments.removeFirst()
        let options = try Options(arguments)
        switch command {
        case "answers": try AnswerBenchmark(options).run()
        case "overhead": try OverheadBenchmark(options).run()
        case "dispute": try DisputeBenchmark(options).run()
        default:
            print(
                """
                verification answers   full check and layer audit against generation, by length of the answer
                verification overhead  what the transcript adds to an answer, in pairs of passes
                verification dispute   bytes and time of each move of a dispute about the last position of an answer
                  --model PATH --threads 1 --arithmetic int8|float32 --prompt 32 --lengths 8,16,32,64,128,256,512 --rounds 5
                  --known 0              tokens of the prompt that both sides know from another question (answers)
                """)
        }
    }
}

struct Options {
    let model: LanguageModel
    let threads: Int
    let arithmetic: Arithmetic
    let prompt: Int
    /// Tokens of the prompt that both sides have computed before, as instructions that come with every question.
    let known: Int
    let lengths: [Int]
    /// Repetitions of a pair.
    let rounds: Int

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
        known = min(values["known"].flatMap(Int.init) ?? 0, prompt - 1)
        rounds = max(1, values["rounds"].flatMap(Int.init) ?? 5)
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

    /// What a node that has answered or checked another question knows of this one; nil when that is nothing.
    func known(of request: InferenceRequest, on transformer: Transformer) throws -> ComputedPrefix? {
        guard known > 0 else { return nil }
        let tokens = Array(request.prompt.prefix(known))
        let recorder = TranscriptRecorder(layers: model.shape.layers)
        let cache = KeyValueCache(model.shape, limit: known)
        _ = try transformer.forward([.init(cache: cache, tokens: tokens, logits: .none)], observer: recorder)
        return ComputedPrefix(cache: cache, tokens: tokens, roots: recorder.boundaryRoots)
    }

    /// An answer as a provider makes it.
    func answer(
        _ request: InferenceRequest, on transformer: Transformer, after known: ComputedPrefix? = nil
    ) throws -> Exchange {
        let limit = request.prompt.count + Int(request.sampling.maximumTokens)
        let known = known?.copy(limit: limit)
        let recorder = TranscriptRecorder(
            layers: model.shape.layers, reusing: known?.tokens ?? [], boundaryRoots: known?.roots ?? [])
        let seed = InferenceSeed(job: request.id, by: Self.node)
        var generation = try Generation(
            cache: known?.cache ?? KeyValueCache(model.shape, limit: limit), prompt: request.prompt,
            sampler: Sampler(request.sampling, seed: seed.value), endTokens: [])
        while try generation.step(on: transformer, observer: recorder) != nil {}
        guard let answer = Answer(output: generation.output, stop: .length) else { preconditionFailure("a token") }
        let root = recorder.transcript(job: request.id).root
        let receipt = Receipt.answer(answer, to: request, transcript: root, seed: seed.value)
        return Exchange(
            request: SignedRequest(request, by: Self.key(2)), answer: answer,
            receipt: .sign(receipt, seedProof: seed.proof, with: Self.node))
    }
}

extension ComputedPrefix {
    /// As the shelf of an engine hands it out: the copy takes its time too.
    func copy(limit: Int) -> ComputedPrefix {
        ComputedPrefix(cache: cache.copy(prefix: tokens.count, limit: limit), tokens: tokens, roots: roots)
    }
}

/// Seconds of the fastest of some runs, and what it gave. On one thread processor time, which others on the machine disturb least.
func best<Value>(of runs: Int, threads: Int, _ body: () throws -> Value) rethrows -> (seconds: Double, value: Value) {
    var value: Value?
    var fastest = Double.infinity
    for _ in 0..<runs {
        var spent = 0.0
        let wall = try ContinuousClock().measure { spent = try seconds { value = try body() } }
        fastest = min(fastest, threads == 1 ? spent : wall / .seconds(1))
    }
    guard let value else { preconditionFailure("at least one run") }
    return (fastest, value)
}
