package import Keys
package import Ledger
package import Wire

/// What this node says in one audit: kept on disk before the ledger has the commitment to it, so that a node that is killed in between
/// can still reveal.
package struct AuditWord: KeptRecord, Hashable {
    /// Of the audit; names it.
    package let seed: Digest
    package let reveal: AuditReveal

    package init(seed: Digest, reveal: AuditReveal) {
        self.seed = seed
        self.reveal = reveal
    }

    /// By what it is kept.
    package var job: Digest { seed }

    package func encode(into writer: inout ByteWriter) {
        writer.write(seed)
        writer.write(reveal)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> AuditWord {
        AuditWord(seed: try reader.read(), reveal: try reader.read())
    }
}
