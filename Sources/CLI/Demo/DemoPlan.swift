import Foundation
import Node

/// What a demo shall do.
struct DemoPlan: Sendable {
    enum Half: String, CaseIterable, Sendable { case training, inference }

    var halves: [Half]
    var seed: UInt64
    var rounds: Int
    /// Whether nobody cheats.
    var isHonest: Bool
    /// Of each node's kernels.
    var threads: Int
    /// Whether the nodes run on at the end.
    var keeps: Bool
    var directory: String
    /// Whether nobody asked for the directory: it goes with the demo, unless something is left to look at.
    var isTemporary: Bool
    /// File of the language model; nil without the second half.
    var model: String?
    /// Nil asks the person at the terminal.
    var question: String?
    /// Seconds between two kills of a random node.
    var killEvery: Int?

    var modelDirectory: String { (model as NSString?)?.deletingLastPathComponent ?? "" }
    /// As in the model store.
    var modelName: String { ((model as NSString?)?.lastPathComponent as NSString?)?.deletingPathExtension ?? "" }

    /// How the providers of the second half may cheat: in ways that the ledger can punish.
    var cheatKinds: [String] { isHonest ? [] : AnswerCheats.convictable }
}
