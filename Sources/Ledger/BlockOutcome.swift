package import Keys
package import Wire

/// What a block did.
package struct BlockOutcome: Hashable, Sendable {
    /// One for each transaction, in their order.
    package var results: [TransactionResult]
    package var events: [LedgerEvent]
}

package struct TransactionResult: Hashable, Sendable, Canonical {
    package var id: Digest
    /// Why it changed nothing; nil when it did.
    package var failure: String?

    package func encode(into writer: inout ByteWriter) {
        writer.write(id)
        writer.write(failure ?? "")
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> TransactionResult {
        let id = try reader.read(Digest.self)
        let failure = try reader.readString(limit: 1024)
        return TransactionResult(id: id, failure: failure.isEmpty ? nil : failure)
    }
}
