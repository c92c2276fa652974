package import Wire

/// What validators say to each other.
package enum ConsensusMessage: Hashable, Sendable, Canonical {
    case proposal(SignedProposal)
    case vote(SignedVote)
    case certificate(RoundCertificate)

    package var height: Height {
        switch self {
        case .proposal(let signed): signed.proposal.height
        case .vote(let signed): signed.vote.height
        case .certificate(let certificate): certificate.height
        }
    }

    package var round: Round {
        switch self {
        case .proposal(let signed): signed.proposal.round
        case .vote(let signed): signed.vote.round
        case .certificate(let certificate): certificate.round
        }
    }

    /// Whether every signature in it is by a member of `set`, for `chain`.
    package func verifies(in set: ValidatorSet, chain: ChainID) -> Bool {
        switch self {
        case .proposal(let signed): signed.verifies(in: set, chain: chain)
        case .vote(let signed): signed.verifies(in: set, chain: chain)
        case .certificate(let certificate): certificate.verifies(in: set, chain: chain)
        }
    }

    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .proposal(let signed):
            writer.write(UInt8(1))
            writer.write(signed)
        case .vote(let signed):
            writer.write(UInt8(2))
            writer.write(signed)
        case .certificate(let certificate):
            writer.write(UInt8(3))
            writer.write(certificate)
        }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> ConsensusMessage {
        switch try reader.readUInt8() {
        case 1: .proposal(try reader.read())
        case 2: .vote(try reader.read())
        case 3: .certificate(try reader.read())
        case let tag: throw .unknownTag(UInt64(tag), of: "ConsensusMessage")
        }
    }
}
