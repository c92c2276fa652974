package import Keys
package import Wire

/// A prevote or precommit of one validator for a block, or for nil.
///
/// It carries no time: blocks are dated by their proposer.
package struct Vote: Hashable, Sendable, Canonical {
    package enum Kind: UInt8, Hashable, Sendable, CaseIterable { case prevote = 1, precommit = 2 }

    package let kind: Kind
    package let height: Height
    package let round: Round
    /// The block's digest; nil is a vote against every block of this round.
    package let block: Digest?
    package let voter: ValidatorID

    package init(_ kind: Kind, height: Height, round: Round, block: Digest?, voter: ValidatorID) {
        self.kind = kind
        self.height = height
        self.round = round
        self.block = block
        self.voter = voter
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(kind.rawValue)
        writer.write(height)
        writer.write(round)
        writer.write(optional: block)
        writer.write(voter)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Vote {
        let tag = try reader.readUInt8()
        guard let kind = Kind(rawValue: tag) else { throw .unknownTag(UInt64(tag), of: "Vote.Kind") }
        return Vote(
            kind, height: try reader.readHeight(), round: try reader.readRound(), block: try reader.readOptional(),
            voter: try reader.read())
    }
}

/// A vote with its voter's signature. Holding one says nothing about whether the signature is good.
package struct SignedVote: Hashable, Sendable, Canonical {
    package let vote: Vote
    package let signature: Signature

    package init(_ vote: Vote, signature: Signature) {
        self.vote = vote
        self.signature = signature
    }

    /// Whether the voter is a member of `set` and signed this vote for `chain`.
    package func verifies(in set: ValidatorSet, chain: ChainID) -> Bool {
        guard let validator = set[vote.voter] else { return false }
        return validator.key.verifies(signature, of: vote.signBytes(chain: chain), for: .vote)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(vote)
        writer.write(signature)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> SignedVote {
        SignedVote(try reader.read(), signature: try reader.read())
    }
}
