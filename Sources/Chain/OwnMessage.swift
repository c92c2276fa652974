internal import Consensus
internal import Wire

/// What this node signed. The block of a proposal is not here: it is in the journal already.
enum OwnMessage: Canonical, Hashable {
    case proposal(SignedProposal)
    case vote(SignedVote)

    var height: Height {
        switch self {
        case .proposal(let signed): signed.proposal.height
        case .vote(let signed): signed.vote.height
        }
    }

    var wish: SigningWish {
        switch self {
        case .proposal(let signed): .proposal(signed.proposal)
        case .vote(let signed): .vote(signed.vote)
        }
    }

    /// As the machine counts it: like anybody's.
    var input: HeightMachine.Input {
        switch self {
        case .proposal(let signed): .proposal(signed)
        case .vote(let signed): .vote(signed)
        }
    }

    func encode(into writer: inout ByteWriter) {
        switch self {
        case .proposal(let signed):
            writer.write(UInt8(1))
            writer.write(signed)
        case .vote(let signed):
            writer.write(UInt8(2))
            writer.write(signed)
        }
    }

    static func decode(from reader: inout ByteReader) throws(WireError) -> OwnMessage {
        switch try reader.readUInt8() {
        case 1: .proposal(try reader.read())
        case 2: .vote(try reader.read())
        case let tag: throw .unknownTag(UInt64(tag), of: "OwnMessage")
        }
    }
}

/// Something to sign.
enum SigningWish: Hashable, Sendable {
    case proposal(Proposal)
    case vote(Vote)

    func request(chain: ChainID) -> SignerState.Request {
        switch self {
        case .proposal(let proposal): SignerState.Request(proposal, chain: chain)
        case .vote(let vote): SignerState.Request(vote, chain: chain)
        }
    }
}
