package import Models
package import Wire

/// Token ids as protobuf packs repeated varints: about two bytes each.
package enum PackedTokens {
    package static func encode(_ tokens: [TokenID]) -> [UInt8] {
        var writer = ByteWriter(capacity: tokens.count * 3)
        for token in tokens { writer.writeVarint(UInt64(token)) }
        return writer.bytes
    }

    /// - Throws: ``WireError`` when there are more than `limit`, or one is no 32-bit number.
    package static func decode(_ bytes: [UInt8], limit: Int) throws(WireError) -> [TokenID] {
        var reader = ByteReader(bytes)
        var tokens: [TokenID] = []
        while reader.remaining > 0 {
            guard tokens.count < limit else { throw .tooLong(length: UInt64(limit) + 1, limit: UInt64(limit)) }
            guard let token = TokenID(exactly: try reader.readVarint()) else { throw .invalid("a token id") }
            tokens.append(token)
        }
        return tokens
    }
}
