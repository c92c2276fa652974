internal import Keys
package import Models
internal import Wire

/// The hashes of `/infraxa/inference/1.0.0`: SHA-256 of texts, in lower-case hexadecimal.
///
/// JSON in them is what Python's `json.dumps(value, sort_keys=True)` writes. There is no separation of leaves and nodes; a root is
/// only ever compared with one that this node has made itself.
package enum InfraxaHash {
    package static func of(_ text: String) -> String { "\(Digest(sha256: Array(text.utf8)))" }

    /// Of the tokens so far, prompt and answer, and the nonce behind them in the same list.
    package static func input(_ tokens: [TokenID], nonce: String) -> String {
        of("[" + (tokens.map { "\($0)" } + [quoted(nonce)]).joined(separator: ", ") + "]")
    }

    package static func output(_ tokens: [TokenID]) -> String {
        of("[" + tokens.map { "\($0)" }.joined(separator: ", ") + "]")
    }

    package static func leaf(step: Int, input: String, logits: String, token: TokenID, nonce: String) -> String {
        of(
            "{\"input_hash\": \(quoted(input)), \"logits_hash\": \(quoted(logits)), \"nonce\": \(quoted(nonce)), "
                + "\"step\": \(step), \"token\": \(token)}")
    }

    package static func pair(_ left: String, _ right: String) -> String { of(left + "|" + right) }

    /// What the signature is of.
    package static func signed(root: String, output: String, job: String, model: String) -> String {
        "\(root)|\(output)|\(job)|\(model)"
    }

    /// A text as JSON in ASCII.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for unit in text.utf16 {
            switch unit {
            case 0x22: quoted += "\\\""
            case 0x5C: quoted += "\\\\"
            case 0x08: quoted += "\\b"
            case 0x0C: quoted += "\\f"
            case 0x0A: quoted += "\\n"
            case 0x0D: quoted += "\\r"
            case 0x09: quoted += "\\t"
            case 0x20..<0x7F: quoted.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            default: quoted += "\\u" + Hex.encode([UInt8(unit >> 8), UInt8(truncatingIfNeeded: unit)])
            }
        }
        return quoted + "\""
    }
}

/// The tree over the steps of an answer. The last node of an odd level is its own sibling.
package struct InfraxaTree {
    /// From the leaves up.
    private let levels: [[String]]

    /// - Precondition: there is a leaf.
    package init(_ leaves: [String]) {
        precondition(!leaves.isEmpty, "a tree of nothing")
        var levels = [leaves]
        while let level = levels.last, level.count > 1 {
            levels.append(
                stride(from: 0, to: level.count, by: 2).map {
                    InfraxaHash.pair(level[$0], level[min($0 + 1, level.count - 1)])
                })
        }
        self.levels = levels
    }

    package var root: String { levels[levels.count - 1][0] }

    /// Every sibling with its side, also where a node is its own: a path that leaves that out leads to no root.
    package func path(of leaf: Int) -> [(hash: String, isLeft: Bool)] {
        var index = leaf
        return levels.dropLast().map { level in
            defer { index /= 2 }
            return index % 2 == 1 ? (level[index - 1], true) : (level[min(index + 1, level.count - 1)], false)
        }
    }
}
