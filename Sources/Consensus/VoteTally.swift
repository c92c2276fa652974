package import Keys

/// The votes of one kind in one round.
///
/// A validator's first vote counts; a second, different one is evidence and does not. Only when a certificate proves a
/// quorum for a block do second votes count for that block: a liar must not be able to hide a quorum by telling us
/// something else first.
package struct VoteTally: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case counted
        case known
        /// The voter voted differently before. `isNew` is false from its second contradiction on.
        case conflict(first: SignedVote, isNew: Bool)
    }

    private let set: ValidatorSet
    /// By index of the validator.
    private var first: [SignedVote?]
    private var isExposed: [Bool]
    private var power: [Digest?: UInt64] = [:]
    /// The power of all that voted, each counted once.
    package private(set) var votedPower: UInt64 = 0
    /// The first choice that got more than two thirds; it never changes.
    package private(set) var majority: Majority?
    /// Votes for the majority's block that are not their voter's first, by index of the validator.
    private var second: [Int: SignedVote] = [:]

    package enum Majority: Hashable, Sendable {
        case ofNil
        case of(Digest)

        package var block: Digest? {
            if case .of(let block) = self { block } else { nil }
        }
    }

    package init(_ set: ValidatorSet) {
        self.set = set
        first = Array(repeating: nil, count: set.count)
        isExposed = Array(repeating: false, count: set.count)
    }

    /// Whether more than two thirds voted, for whatever.
    package var isComplete: Bool { Quorum.holds(votedPower, of: set.totalPower) }

    package func vote(of id: ValidatorID) -> SignedVote? { set.index(of: id).flatMap { first[$0] } }

    /// Counts a vote of a member; kind, height and round are the caller's to check.
    package mutating func count(_ signed: SignedVote, from index: Int) -> Outcome {
        let vote = signed.vote
        if let earlier = first[index] {
            guard earlier.vote.block != vote.block else { return .known }
            defer { isExposed[index] = true }
            return .conflict(first: earlier, isNew: !isExposed[index])
        }
        let weight = set.validators[index].power
        first[index] = signed
        votedPower += weight
        power[vote.block, default: 0] += weight
        if majority == nil, Quorum.holds(power[vote.block, default: 0], of: set.totalPower) {
            majority = vote.block.map(Majority.of) ?? .ofNil
        }
        return .counted
    }

    /// Counts a claim that more than two thirds voted for `block`, with votes of this kind and round for it.
    package mutating func adopt(_ claim: [Int: SignedVote], for block: Digest) {
        guard majority == nil || majority == .of(block) else { return }
        var voters: [Int: SignedVote] = [:]
        for (index, signed) in first.enumerated() {
            if let signed, signed.vote.block == block { continue }
            if let other = second[index] ?? claim[index] { voters[index] = other }
        }
        let weight = voters.keys.reduce(power[block, default: 0]) { $0 + set.validators[$1].power }
        guard Quorum.holds(weight, of: set.totalPower) else { return }
        second = voters
        majority = .of(block)
    }

    /// The votes for `block` (or nil), in the order of the set.
    package func votes(for block: Digest?) -> [SignedVote] {
        first.indices.compactMap { index in
            if let signed = first[index], signed.vote.block == block { return signed }
            if let signed = second[index], signed.vote.block == block { return signed }
            return nil
        }
    }

    /// Every validator's first vote, in the order of the set.
    package var firstVotes: [SignedVote] { first.compactMap(\.self) }

    /// One slot per validator, for a commit of `block`.
    package func slots(for block: Digest) -> [Commit.Slot] {
        first.indices.map { index in
            if let signed = second[index], signed.vote.block == block { return .commit(signed.signature) }
            guard let signed = first[index] else { return .absent }
            if signed.vote.block == block { return .commit(signed.signature) }
            return signed.vote.block == nil ? .nil(signed.signature) : .absent
        }
    }

    /// The set is the same for all tallies of a machine.
    package func hash(into hasher: inout Hasher) { hasher.combine(first) }

    /// Forgets nil votes: those of a round long past have no further use.
    package mutating func dropNilVotes() {
        for index in first.indices {
            guard let signed = first[index], signed.vote.block == nil else { continue }
            first[index] = nil
            votedPower -= set.validators[index].power
        }
        power[nil] = nil
        if majority == .ofNil { majority = nil }
    }
}
