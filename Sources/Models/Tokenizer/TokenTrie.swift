/// Byte strings of tokens as a tree of bytes, in one array: a node is followed by its children's subtrees.
package struct TokenTrie: Sendable {
    package struct Node: Sendable {
        package let byte: UInt8
        /// Index after the subtree of this node.
        package fileprivate(set) var next: Int32
        /// The tokens that end here, in `tokens`.
        package fileprivate(set) var ends: Range<Int32>
    }

    package private(set) var nodes: [Node] = []
    /// Tokens in the order of their bytes, then of their numbers.
    package private(set) var tokens: [TokenID] = []

    /// - Parameter entries: bytes and token; empty byte strings are left out.
    package init(_ entries: [(bytes: [UInt8], token: TokenID)]) {
        let sorted = entries.filter { !$0.bytes.isEmpty }.sorted {
            $0.bytes == $1.bytes ? $0.token < $1.token : $0.bytes.lexicographicallyPrecedes($1.bytes)
        }
        /// Nodes from the root to the last entry.
        var open: [Int] = []
        var last: [UInt8] = []
        for (bytes, token) in sorted {
            let shared = zip(bytes, last).prefix { $0 == $1 }.count
            close(&open, to: shared)
            for byte in bytes[shared...] {
                open.append(nodes.count)
                let none = Int32(tokens.count)..<Int32(tokens.count)
                nodes.append(Node(byte: byte, next: 0, ends: none))
            }
            if let node = open.last { nodes[node].ends = nodes[node].ends.lowerBound..<Int32(tokens.count) + 1 }
            tokens.append(token)
            last = bytes
        }
        close(&open, to: 0)
    }

    private mutating func close(_ open: inout [Int], to depth: Int) {
        while open.count > depth { nodes[open.removeLast()].next = Int32(nodes.count) }
    }

    /// The longest entry that `bytes` begin with, from `start`.
    package func longestMatch(in bytes: [UInt8], from start: Int) -> (token: TokenID, end: Int)? {
        var best: (TokenID, Int)?
        var (level, limit) = (0, nodes.count)
        var position = start
        while position < bytes.count {
            while level < limit, nodes[level].byte < bytes[position] { level = Int(nodes[level].next) }
            guard level < limit, nodes[level].byte == bytes[position] else { break }
            position += 1
            if let token = nodes[level].ends.first { best = (tokens[Int(token)], position) }
            (level, limit) = (level + 1, Int(nodes[level].next))
        }
        return best
    }
}
