package import Keys
package import Wire

/// The block that a round's proposer asks the others to vote for.
package struct Proposal: Hashable, Sendable, Canonical {
    package let height: Height
    package let round: Round
    /// The earlier round in which more than two thirds prevoted this block; nil for a block that is new.
    package let polkaRound: Round?
    package let block: Digest
    package let proposer: ValidatorID

    package init(height: Height, round: Round, polkaRound: Round?, block: Digest, proposer: ValidatorID) {
        self.height = height
        self.round = round
        self.polkaRound = polkaRound
        self.block = block
        self.proposer = proposer
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(height)
        writer.write(round)
        writer.write(polkaRound ?? .max)
        writer.write(block)
        writer.write(proposer)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Proposal {
        let height = try reader.readHeight()
        let round = try reader.readRound()
        let polkaRound = try reader.readOptionalRound()
        if let polkaRound, polkaRound >= round { throw .invalid("a polka round lies before its proposal's round") }
        return Proposal(
            height: height, round: round, polkaRound: polkaRound, block: try reader.read(),
            proposer: try reader.read())
    }
}

/// A proposal with its proposer's signature. Holding one says nothing about whether the signature is good.
package struct SignedProposal: Hashable, Sendable, Canonical {
    package let proposal: Proposal
    package let signature: Signature

    package init(_ proposal: Proposal, signature: Signature) {
        self.proposal = proposal
        self.signature = signature
    }

    /// Whether the proposer is a member of `set` and signed this proposal for `chain`. Whether it was its turn is for
    /// the machine to say.
    package func verifies(in set: ValidatorSet, chain: ChainID) -> Bool {
        guard let validator = set[proposal.proposer] else { return false }
        return validator.key.verifies(signature, of: proposal.signBytes(chain: chain), for: .proposal)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(proposal)
        writer.write(signature)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> SignedProposal {
        SignedProposal(try reader.read(), signature: try reader.read())
    }
}
