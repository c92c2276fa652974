package import Keys
internal import Wire

/// What a block did.
package struct BlockOutcome: Hashable, Sendable {
    /// One for each transaction, in their order.
    package var results: [TransactionResult]
    package var events: [LedgerEvent]
}

package struct TransactionResult: Hashable, Sendable {
    package var id: Digest
    /// ``Failure/code``, or 0 when the transaction did what it says.
    package var code: UInt16
    /// Why it changed nothing, for people; nil when it did.
    package var failure: String?

    /// What the results root is made of: the text is not part of it.
    package var leaf: [UInt8] {
        var writer = ByteWriter(capacity: 34)
        writer.write(id)
        writer.write(code)
        return writer.bytes
    }
}
