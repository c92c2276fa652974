// Whose turn it is: weighted round robin in exact integers.
//
// Each step, every validator's priority grows by its power, the highest (then the smallest id) proposes, and pays the
// total. Source: CometBFT v0.38 `types/validator_set.go`; the vectors decide where its prose and its code differ.

extension ValidatorSet {
    /// The proposer of a round: `round` single steps from this set, which was already advanced for its height.
    ///
    /// Single steps only: several at once would skip the rescaling between them, and two nodes that reached the round
    /// on different ways would disagree. The cost grows with the round; see ``ProposerOrder``.
    package func proposer(ofRound round: Round) -> ValidatorID {
        var set = self
        for _ in 0..<round { set.advance() }
        return set.proposer
    }

    /// One step: rescale, centre, add every power, take the turn.
    package mutating func advance() {
        rescale()
        centre()
        for index in validators.indices {
            validators[index].priority = clamp(Int128(validators[index].priority) + Int128(validators[index].power))
        }
        let turn = foremost
        validators[turn].priority = clamp(Int128(validators[turn].priority) - Int128(totalPower))
        proposer = validators[turn].id
    }

    /// Adds, changes and removes members. On an error the set is unchanged.
    ///
    /// A new member starts at −1.125 times the total power after the additions and before the removals, so that
    /// leaving and coming back never jumps the queue.
    package mutating func update(_ changes: [ValidatorChange]) throws(Problem) {
        var wanted: [ValidatorID: ValidatorChange] = [:]
        for change in changes {
            guard change.power <= ValidatorSet.powerLimit else {
                throw .powerTooLarge(change.id, power: change.power)
            }
            guard wanted.updateValue(change, forKey: change.id) == nil else { throw .duplicate(change.id) }
            if change.power == 0, index(of: change.id) == nil { throw .removalOfStranger(change.id) }
        }
        // Wide sums: 10,000 powers of 2^60 need 74 bits.
        var kept = UInt128(0)
        var removed = UInt128(0)
        var members: [Validator] = []
        for validator in validators {
            let change = wanted[validator.id]
            let power = change?.power ?? validator.power
            if power == 0 {
                removed += UInt128(validator.power)
            } else {
                kept += UInt128(power)
                members.append(
                    Validator(
                        id: validator.id, key: change?.key ?? validator.key, power: power,
                        priority: validator.priority))
            }
        }
        let newcomers = changes.filter { $0.power > 0 && index(of: $0.id) == nil }
        for change in newcomers { kept += UInt128(change.power) }
        guard kept > 0 else { throw .empty }
        guard kept <= UInt128(ValidatorSet.powerLimit) else { throw .totalTooLarge }
        guard members.count + newcomers.count <= ValidatorSet.countLimit else {
            throw .tooMany(members.count + newcomers.count)
        }
        let before = kept + removed
        let entry = clamp(-Int128(before + (before >> 3)))
        for change in newcomers {
            members.append(Validator(id: change.id, key: change.key, power: change.power, priority: entry))
        }
        replace(with: members)
        rescale()
        centre()
        proposer = validators[foremost].id
    }

    /// The index of the highest priority; among equals, of the smallest id.
    private var foremost: Int {
        var best = 0
        for index in validators.indices.dropFirst() {
            let (candidate, leader) = (validators[index], validators[best])
            if candidate.priority > leader.priority
                || (candidate.priority == leader.priority && candidate.id < leader.id)
            {
                best = index
            }
        }
        return best
    }

    /// Divides the priorities, toward zero, until they spread over at most twice the total power.
    private mutating func rescale() {
        guard let lowest = validators.map(\.priority).min(), let highest = validators.map(\.priority).max() else {
            return
        }
        let spread = Int128(highest) - Int128(lowest)
        let limit = 2 * Int128(totalPower)
        guard spread > limit else { return }
        let ratio = (spread + limit - 1) / limit
        for index in validators.indices {
            validators[index].priority = Int64(Int128(validators[index].priority) / ratio)
        }
    }

    /// Moves the priorities so that their sum is near zero; the average is rounded down, also below zero.
    private mutating func centre() {
        let sum = validators.reduce(Int128(0)) { $0 + Int128($1.priority) }
        let count = Int128(validators.count)
        guard count > 0 else { return }
        var average = sum / count
        if sum % count < 0 { average -= 1 }
        for index in validators.indices {
            validators[index].priority = clamp(Int128(validators[index].priority) - average)
        }
    }

    private func clamp(_ value: Int128) -> Int64 { Int64(clamping: value) }
}
