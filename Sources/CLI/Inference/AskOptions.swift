import API
import ArgumentParser
import Keys
import Ledger
import Node

/// How a question is asked: of which model, how long, how random, for how much, and how it is checked.
struct AskOptions: ParsableArguments {
    /// The depths of checking, and the modes a provider may be held to.
    enum Verify: String, CaseIterable, ExpressibleByArgument { case none, merkle, full, fraud, zk }

    @Option(help: "Name of a model in the store, or the root of one; or BANYAN_MODEL.") var model: String?
    @Option(
        help: ArgumentHelp(
            "How the answer is checked before it counts as good.",
            discussion: """
                none: signatures and digests only. merkle: one drawn layer is computed again. full: all of it is computed again. \
                fraud: merkle, and the provider's stake stands for it until the challenge window is over.
                """))
    var verify = Verify.merkle
    @Option(help: "The most the answer may cost, in FIG.") var maxPrice: Amount?
    @Option(help: "Longest answer, in tokens.") var tokens = 256
    @Option(help: "0 takes the likeliest token always; up to 10.") var temperature = 0.0
    @Option(help: "Draw from so many of the likeliest tokens only; 0 = all.") var topK = 0
    @Option(help: "Draw from the likeliest tokens that have this share together.") var topP = 1.0
    @Option(help: "Draw from tokens at least this share as likely as the likeliest.") var minP = 0.0
    @Option(help: "Makes the request the same every time, so that a provider's draw is; random without it.")
    var seed: UInt64?
    @Option(help: "Ask only this account or peer.") var provider: String?

    func validate() throws {
        guard (1...131_072).contains(tokens) else { throw ValidationError("--tokens is \(tokens); it is 1 to 131072.") }
        guard (0...10).contains(temperature) else {
            throw ValidationError("--temperature is \(temperature); it is 0 to 10.")
        }
        guard topK >= 0 else { throw ValidationError("--top-k is \(topK); it is 0 or more.") }
        guard (0...1).contains(topP), (0...1).contains(minP) else {
            throw ValidationError("--top-p and --min-p are shares from 0 to 1.")
        }
    }

    /// - Parameter turn: of a conversation, so that each of its questions has a nonce of its own under one `--seed`.
    func question(_ messages: [Question.Message], turn: UInt64 = 0) -> Question {
        let mode: String
        let check: Question.Check
        switch verify {
        case .none: (mode, check) = ("none", .none)
        case .merkle: (mode, check) = ("merkle", .merkle)
        case .full: (mode, check) = ("merkle", .full)
        case .fraud: (mode, check) = ("fraud", .merkle)
        case .zk: (mode, check) = ("zk", .none)
        }
        let nonce = seed.map { seed in
            "\(Digest(of: (0..<8).map { UInt8(truncatingIfNeeded: seed >> (8 * $0)) } + [UInt8(truncatingIfNeeded: turn)], domain: "ask"))"
        }
        return Question(
            model: model ?? ModelStore.usualModel, messages: messages,
            maximumTokens: tokens, temperature: temperature, topK: topK, topP: topP, minP: minP, verification: mode,
            check: check, maximumPrice: maxPrice.map { String($0.seeds) }, provider: provider, nonce: nonce)
    }
}
