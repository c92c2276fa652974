package import Wire

/// Number of a token in a model's vocabulary, from 0.
package typealias TokenID = UInt32

extension ByteWriter {
    /// Appends a varint count, then each token as a varint: two or three bytes for the vocabularies of today.
    package mutating func write(tokens: [TokenID]) {
        writeVarint(UInt64(tokens.count))
        for token in tokens { writeVarint(UInt64(token)) }
    }
}

extension ByteReader {
    /// Reads a varint count of at most `limit`, then that many tokens.
    package mutating func readTokens(limit: Int) throws(WireError) -> [TokenID] {
        let count = try readVarint()
        guard count <= UInt64(limit) else { throw .tooLong(length: count, limit: UInt64(limit)) }
        // A token takes at least a byte: a count that the bytes cannot hold is refused before memory is taken for it.
        guard count <= UInt64(remaining) else { throw .truncated(needed: Int(count), available: remaining) }
        var tokens: [TokenID] = []
        tokens.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard let token = TokenID(exactly: try readVarint()) else { throw .invalid("a token above 2^32 - 1") }
            tokens.append(token)
        }
        return tokens
    }
}
