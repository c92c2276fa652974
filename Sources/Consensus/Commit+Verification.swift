package import Keys

extension Commit {
    package enum Problem: Error, Hashable, Sendable {
        case wrongHeight(Height, expected: Height)
        case wrongBlock(Digest, expected: Digest)
        case wrongSlotCount(Int, expected: Int)
        case badSignature(ValidatorID)
        case notEnoughPower(UInt64, of: UInt64)
    }

    /// Checks every signature that is there, as the validation of a block needs it (rule C1).
    /// - Parameter set: the validators of the commit's height.
    package func verify(
        block expected: Digest, height: Height, set: ValidatorSet, chain: ChainID
    ) throws(Problem) {
        try verify(block: expected, height: height, set: set, chain: chain, everySlot: true)
    }

    /// Checks signatures for the block until they are a quorum, as a light client needs it (rule C2).
    package func verifyLight(
        block expected: Digest, height: Height, set: ValidatorSet, chain: ChainID
    ) throws(Problem) {
        try verify(block: expected, height: height, set: set, chain: chain, everySlot: false)
    }

    /// Checks that more than `level` of the power of a `trusted` earlier set signed for the block (rule C3).
    ///
    /// Strangers to the trusted set are passed over, and keys are those of the trusted set. A set has no member twice,
    /// so none is counted twice.
    /// - Parameter set: the set that claims to have made this commit; it only says whose slot is whose.
    package func verifyTrusting(
        trusted: ValidatorSet, level: TrustLevel = .third, set: ValidatorSet, chain: ChainID
    ) throws(Problem) {
        guard slots.count == set.count else { throw .wrongSlotCount(slots.count, expected: set.count) }
        var power: UInt64 = 0
        for (index, validator) in set.validators.enumerated() {
            guard case .commit = slots[index], let member = trusted[validator.id],
                let signed = vote(at: index, of: validator.id)
            else { continue }
            guard signed.verifies(in: trusted, chain: chain) else { throw .badSignature(validator.id) }
            power += member.power
            if Quorum.exceeds(power, level, of: trusted.totalPower) { return }
        }
        throw .notEnoughPower(power, of: trusted.totalPower)
    }

    private func verify(
        block expected: Digest, height expectedHeight: Height, set: ValidatorSet, chain: ChainID, everySlot: Bool
    ) throws(Problem) {
        guard height == expectedHeight else { throw .wrongHeight(height, expected: expectedHeight) }
        guard block == expected else { throw .wrongBlock(block, expected: expected) }
        guard slots.count == set.count else { throw .wrongSlotCount(slots.count, expected: set.count) }
        var power: UInt64 = 0
        for (index, validator) in set.validators.enumerated() {
            guard let signed = vote(at: index, of: validator.id) else { continue }
            let counts = signed.vote.block != nil
            guard counts || everySlot else { continue }
            guard signed.verifies(in: set, chain: chain) else { throw .badSignature(validator.id) }
            if counts { power += validator.power }
            if !everySlot, Quorum.holds(power, of: set.totalPower) { return }
        }
        guard Quorum.holds(power, of: set.totalPower) else { throw .notEnoughPower(power, of: set.totalPower) }
    }
}
