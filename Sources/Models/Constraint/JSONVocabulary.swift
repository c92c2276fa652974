internal import Synchronization

/// The tokens of a model as bytes, and which of them may follow a piece of JSON. Made once for a model, shared by its answers.
package final class JSONVocabulary: Sendable {
    /// Masks that are kept: the states inside strings and between values come again and again. 6 KB each for 49,152 tokens.
    private static let keptLimit = 256

    let trie: TokenTrie
    let endTokens: Set<TokenID>
    let count: Int
    private let kept = Mutex<[JSONState: TokenMask]>([:])

    /// - Throws: ``ModelError/constraint(_:)`` when the model cannot end an answer, or has no token for a byte that JSON may need:
    ///   then there would be beginnings of JSON that it cannot finish.
    package init(_ tokenizer: any Tokenizer) throws(ModelError) {
        let vocabulary = tokenizer.vocabulary
        endTokens = vocabulary.endTokens
        count = vocabulary.count
        var entries: [(bytes: [UInt8], token: TokenID)] = []
        var single: Set<UInt8> = []
        for token in 0..<TokenID(vocabulary.count) where !vocabulary.endTokens.contains(token) {
            switch vocabulary.kinds[Int(token)] {
            case .unknown, .control, .unused: continue
            case .normal, .userDefined, .byte: break
            }
            let bytes = tokenizer.bytes(of: token)
            entries.append((bytes, token))
            if bytes.count == 1 { single.insert(bytes[0]) }
        }
        for byte: UInt8 in Array(0x20...0x7e) + Array(0x80...0xbf) where !single.contains(byte) {
            throw .constraint("the vocabulary has no token for the byte \(byte) alone, so it cannot write all of JSON")
        }
        guard !endTokens.isEmpty else { throw .constraint("the vocabulary has no token that ends an answer") }
        trie = TokenTrie(entries)
    }

    func mask(_ state: JSONState) -> TokenMask {
        if let mask = kept.withLock({ $0[state] }) { return mask }
        let mask = walk(state)
        kept.withLock { masks in
            if masks.count >= Self.keptLimit { masks.removeAll(keepingCapacity: true) }
            masks[state] = mask
        }
        return mask
    }

    /// Follows every token from `state`, common beginnings once.
    private func walk(_ state: JSONState) -> TokenMask {
        var mask = TokenMask(count: count)
        if state.isComplete { for token in endTokens { mask.allow(token) } }
        let nodes = trie.nodes
        /// The nodes above the current one: where their subtrees end, and the state after them.
        var open: [(end: Int, state: JSONState)] = [(nodes.count, state)]
        var index = 0
        while index < nodes.count {
            while open[open.count - 1].end <= index { open.removeLast() }
            let node = nodes[index]
            var next = open[open.count - 1].state
            guard next.advance(node.byte) else {
                index = Int(node.next)
                continue
            }
            for place in node.ends { mask.allow(trie.tokens[Int(place)]) }
            open.append((Int(node.next), next))
            index += 1
        }
        return mask
    }
}
