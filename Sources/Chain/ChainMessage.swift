package import Consensus
package import Keys
package import Ledger
package import Wire

/// What nodes say on the topics of one chain.
package struct ChainMessage: Canonical, Hashable {
    /// A block, its proposal, and the name of the chain.
    package static let byteLimit = Block.byteLimit + 4_096
    /// 32 KiB: the largest operation is a job with its parameters; what a dispute waits for may be as large as a block allows.
    package static let transactionByteLimit = 32 << 10

    package enum Content: Hashable, Sendable {
        /// The block goes with every proposal, also a repeated one: who has the one has the other.
        case proposal(SignedProposal, Block)
        case vote(SignedVote)
        case certificate(RoundCertificate)
        case evidence(Evidence)
        case transaction(Transaction)
    }

    /// The digest of the genesis: a message of another chain is told apart before anything else is looked at.
    package let chain: Digest
    package let content: Content

    package init(chain: Digest, _ content: Content) {
        self.chain = chain
        self.content = content
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(chain)
        switch content {
        case .proposal(let proposal, let block):
            writer.write(UInt8(1))
            writer.write(proposal)
            writer.write(block)
        case .vote(let vote):
            writer.write(UInt8(2))
            writer.write(vote)
        case .certificate(let certificate):
            writer.write(UInt8(3))
            writer.write(certificate)
        case .evidence(let evidence):
            writer.write(UInt8(4))
            writer.write(evidence)
        case .transaction(let transaction):
            writer.write(UInt8(5))
            writer.write(transaction)
        }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> ChainMessage {
        guard reader.remaining <= byteLimit else {
            throw .tooLong(length: UInt64(reader.remaining), limit: UInt64(byteLimit))
        }
        let chain: Digest = try reader.read()
        switch try reader.readUInt8() {
        case 1:
            let proposal: SignedProposal = try reader.read()
            let block: Block = try reader.read()
            guard block.height == proposal.proposal.height, block.id == proposal.proposal.block else {
                throw .invalid("the proposal is for another block")
            }
            return ChainMessage(chain: chain, .proposal(proposal, block))
        case 2: return ChainMessage(chain: chain, .vote(try reader.read()))
        case 3: return ChainMessage(chain: chain, .certificate(try reader.read()))
        case 4: return ChainMessage(chain: chain, .evidence(try reader.read()))
        case 5: return ChainMessage(chain: chain, .transaction(try reader.read()))
        case let tag: throw .unknownTag(UInt64(tag), of: "ChainMessage")
        }
    }
}

extension ChainMessage.Content {
    /// The height that a message of consensus is about; nil for evidence and transactions.
    var height: Height? {
        switch self {
        case .proposal(let signed, _): signed.proposal.height
        case .vote(let signed): signed.vote.height
        case .certificate(let certificate): certificate.height
        case .evidence, .transaction: nil
        }
    }

    var round: Round {
        switch self {
        case .proposal(let signed, _): signed.proposal.round
        case .vote(let signed): signed.vote.round
        case .certificate(let certificate): certificate.round
        case .evidence, .transaction: 0
        }
    }
}
