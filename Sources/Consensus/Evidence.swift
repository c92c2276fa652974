package import Keys
package import Wire

/// Two votes of one validator in one step for different blocks: proof that it lied to somebody.
///
/// It states neither power nor time: a node takes both from its own record of that height.
package struct Evidence: Hashable, Sendable, Canonical {
    package enum Problem: Error, Hashable, Sendable {
        case stranger(ValidatorID)
        case badSignature(ValidatorID)
    }

    /// The vote whose block is the smaller, nil before any: one pair of votes is one evidence.
    package let first: SignedVote
    package let second: SignedVote

    /// - Returns: nil unless the votes are by one validator, in one step, and for different blocks.
    package init?(_ one: SignedVote, _ other: SignedVote) {
        let (left, right) = (one.vote, other.vote)
        guard left.voter == right.voter, left.kind == right.kind, left.height == right.height,
            left.round == right.round, left.block != right.block
        else { return nil }
        let ordered = Evidence.precedes(left.block, right.block)
        first = ordered ? one : other
        second = ordered ? other : one
    }

    package var offender: ValidatorID { first.vote.voter }
    package var height: Height { first.vote.height }
    package var id: Digest { digest("evidence") }

    /// Checks both signatures.
    /// - Parameter set: the validators of the evidence's height.
    package func verify(set: ValidatorSet, chain: ChainID) throws(Problem) {
        guard set[offender] != nil else { throw .stranger(offender) }
        guard first.verifies(in: set, chain: chain), second.verifies(in: set, chain: chain) else {
            throw .badSignature(offender)
        }
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(first)
        writer.write(second)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Evidence {
        let first: SignedVote = try reader.read()
        let second: SignedVote = try reader.read()
        guard let evidence = Evidence(first, second), evidence.first == first else {
            throw .invalid("the votes do not contradict each other, or are out of order")
        }
        return evidence
    }

    private static func precedes(_ left: Digest?, _ right: Digest?) -> Bool {
        guard let right else { return false }
        guard let left else { return true }
        return left < right
    }
}
