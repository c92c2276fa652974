extension SignerState {
    /// What a validator that lost its memory knows of its own past from what the others tell; nil while that is not enough, and
    /// nothing may be signed.
    ///
    /// Call its earlier life V, and H the `head`. What is needed: the others (V's own power does not count) whose heads are at
    /// most H have more than two thirds of the power of height H + 2. Then V signed nothing above H + 2. For assume that V had seen
    /// a block decided at H + 2 or above. More than two thirds had precommitted at H + 2, and the correct ones among them had block
    /// H + 1. Without V, those precommits and the heads told overlap in more than a third of the power, so in a correct validator;
    /// its head was H + 1 before V ended, and it would not tell a lower one later. So V had decided H + 1 at most, and signed at H + 2 at most.
    ///
    /// It cannot be had cheaper. Where the others that answer are fewer, the ones that know of V's last votes may be among the
    /// silent, and a liar among those that answer. But then the others cannot decide without V either: a validator without
    /// memory counts among the faulty, and only where the rest can bear that does the chain, and with it V, go on.
    /// - Parameters:
    ///   - head: the height of the last block that the validator has, whoever gave it.
    ///   - set: the validators of `head + 2`.
    ///   - heads: the last block of each other validator, as it told since this process began.
    package static func afterLoss(
        of validator: ValidatorID, head: Height, set: ValidatorSet, heads: [ValidatorID: Height]
    ) -> SignerState? {
        let power = set.validators.reduce(into: UInt64(0)) { power, other in
            guard other.id != validator, let told = heads[other.id], told <= head else { return }
            power += other.power
        }
        return Quorum.holds(power, of: set.totalPower) ? .refusing(through: head + 2) : nil
    }
}
