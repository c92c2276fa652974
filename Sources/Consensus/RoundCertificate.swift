internal import Keys
package import Wire

/// Votes of one round in one message: proof of a polka, of a decision, or that the round was reached or is over.
///
/// A validator that missed single votes catches up with one of these; and a quorum that an equivocator's first vote
/// hid from somebody becomes visible to it.
package struct RoundCertificate: Hashable, Sendable, Canonical {
    /// Two kinds of vote from every validator.
    package static let voteLimit = 2 * ValidatorSet.countLimit

    package let height: Height
    package let round: Round
    /// All of ``height`` and ``round``, ordered by kind, then voter; one vote a kind and voter.
    package let votes: [SignedVote]

    /// - Returns: nil when the votes are of several heights or rounds, or repeat a kind and voter.
    package init?(height: Height, round: Round, votes: [SignedVote]) {
        let sorted = votes.sorted { RoundCertificate.precedes($0.vote, $1.vote) }
        guard RoundCertificate.isOrdered(sorted, height: height, round: round) else { return nil }
        self.height = height
        self.round = round
        self.votes = sorted
    }

    /// Whether each vote is signed by a member of `set`, for `chain`.
    package func verifies(in set: ValidatorSet, chain: ChainID) -> Bool {
        votes.count <= 2 * set.count && votes.allSatisfy { $0.verifies(in: set, chain: chain) }
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(height)
        writer.write(round)
        writer.writeVarint(UInt64(votes.count))
        for vote in votes {
            writer.write(vote.vote.kind.rawValue)
            writer.write(vote.vote.voter)
            writer.write(optional: vote.vote.block)
            writer.write(vote.signature)
        }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> RoundCertificate {
        let height = try reader.readHeight()
        let round = try reader.readRound()
        let count = try reader.readVarint()
        guard count <= UInt64(voteLimit) else { throw .tooLong(length: count, limit: UInt64(voteLimit)) }
        var votes: [SignedVote] = []
        for _ in 0..<count {
            let tag = try reader.readUInt8()
            guard let kind = Vote.Kind(rawValue: tag) else { throw .unknownTag(UInt64(tag), of: "Vote.Kind") }
            let voter: ValidatorID = try reader.read()
            let vote = Vote(kind, height: height, round: round, block: try reader.readOptional(), voter: voter)
            votes.append(SignedVote(vote, signature: try reader.read()))
        }
        guard isOrdered(votes, height: height, round: round),
            let certificate = RoundCertificate(height: height, round: round, votes: votes)
        else { throw .invalid("votes of a certificate are out of order") }
        return certificate
    }

    private static func precedes(_ left: Vote, _ right: Vote) -> Bool {
        left.kind != right.kind ? left.kind.rawValue < right.kind.rawValue : left.voter < right.voter
    }

    private static func isOrdered(_ votes: [SignedVote], height: Height, round: Round) -> Bool {
        votes.allSatisfy { $0.vote.height == height && $0.vote.round == round }
            && zip(votes, votes.dropFirst()).allSatisfy { precedes($0.vote, $1.vote) }
    }
}
