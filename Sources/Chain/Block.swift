package import Consensus
package import Keys
package import Ledger
package import Wire

/// One step of the chain: what is to be done, who lied, and the proof that the block before was decided.
package struct Block: Canonical, Hashable {
    /// 900,000 bytes: a block and its proposal fit into one gossip message of 1 MiB, with a certificate of 100 validators.
    package static let byteLimit = 900_000
    /// 4,096 transfers of about 220 bytes fill a block.
    package static let transactionLimit = 4_096
    /// Evidence is rare; 16 pieces of some 450 bytes a block empty any backlog.
    package static let evidenceLimit = 16

    package let header: Header
    package let transactions: [Transaction]
    package let evidence: [Evidence]
    /// Nil at height 1 only.
    package let lastCommit: Commit?

    package init(header: Header, transactions: [Transaction], evidence: [Evidence], lastCommit: Commit?) {
        self.header = header
        self.transactions = transactions
        self.evidence = evidence
        self.lastCommit = lastCommit
    }

    package var id: Digest { header.id }
    package var height: Height { header.height }

    package static func root(of transactions: [Transaction]) -> Digest {
        MerkleTree.root(of: transactions.map(\.canonicalBytes))
    }
    package static func root(of evidence: [Evidence]) -> Digest { MerkleTree.root(of: evidence.map(\.canonicalBytes)) }
    package static func digest(of commit: Commit?) -> Digest { commit?.digest("commit") ?? .zero }

    package func encode(into writer: inout ByteWriter) {
        writer.write(header)
        writer.write(list: transactions)
        writer.write(list: evidence)
        writer.write(optional: lastCommit)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Block {
        Block(
            header: try reader.read(), transactions: try reader.readList(limit: transactionLimit),
            evidence: try reader.readList(limit: evidenceLimit), lastCommit: try reader.readOptional())
    }
}
