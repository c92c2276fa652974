package import Keys
package import Wire

/// The validators of one height, in the order that votes and commits index: by power, largest first, then by id.
///
/// Source of the turn arithmetic: CometBFT v0.38 `types/validator_set.go`, reproduced step by step by the vectors under
/// `Fixtures/proposer-priority`. See `ValidatorSet+Turns.swift`.
package struct ValidatorSet: Hashable, Sendable, Canonical {
    /// An eighth of the largest signed 64-bit number, so that no sum of priorities in one step overflows.
    package static let powerLimit = UInt64(Int64.max) / 8
    /// 10,000 votes make a commit of about 0.65 MB.
    package static let countLimit = 10_000

    package enum Problem: Error, Hashable, Sendable {
        case empty
        case tooMany(Int)
        case duplicate(ValidatorID)
        case removalOfStranger(ValidatorID)
        case powerTooLarge(ValidatorID, power: UInt64)
        case totalTooLarge
    }

    package internal(set) var validators: [Validator]
    /// The sum of all powers, at most ``powerLimit``.
    package private(set) var totalPower: UInt64
    /// Whose turn it is, after the last ``advance()``.
    package internal(set) var proposer: ValidatorID
    private var positions: [ValidatorID: Int]

    /// The first set of a chain: all priorities zero, then one step.
    package init(_ members: [ValidatorChange]) throws(Problem) {
        guard let first = members.first else { throw .empty }
        validators = []
        totalPower = 0
        proposer = first.id
        positions = [:]
        try update(members)
        advance()
    }

    package var count: Int { validators.count }

    package func index(of id: ValidatorID) -> Int? { positions[id] }

    package subscript(id: ValidatorID) -> Validator? { positions[id].map { validators[$0] } }

    package func power(of id: ValidatorID) -> UInt64 { positions[id].map { validators[$0].power } ?? 0 }

    /// Names members, keys and powers, but not the priorities: those follow from the chain's history, and a light
    /// client cannot know them.
    package var digest: Digest {
        var writer = ByteWriter()
        writer.writeVarint(UInt64(validators.count))
        for validator in validators {
            writer.write(validator.id)
            writer.write(validator.key)
            writer.write(validator.power)
        }
        return Digest(of: writer.bytes, domain: "validator-set")
    }

    /// The set of the next height: the changes, then exactly one step, whatever round decided.
    package func next(changes: [ValidatorChange] = []) throws(Problem) -> ValidatorSet {
        var next = self
        if !changes.isEmpty { try next.update(changes) }
        next.advance()
        return next
    }

    package static func == (left: ValidatorSet, right: ValidatorSet) -> Bool {
        left.validators == right.validators && left.proposer == right.proposer
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(validators)
        hasher.combine(proposer)
    }

    // MARK: The encoding, with priorities: what a node keeps on its own disk.

    package func encode(into writer: inout ByteWriter) {
        writer.write(list: validators)
        writer.writeVarint(UInt64(positions[proposer] ?? 0))
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> ValidatorSet {
        let validators: [Validator] = try reader.readList(limit: countLimit)
        let turn = try reader.readVarint()
        guard turn < UInt64(validators.count) else { throw .invalid("the proposer is no member") }
        guard let set = ValidatorSet(restoring: validators, proposer: validators[Int(turn)].id) else {
            throw .invalid("validators out of order, repeated, or of no or too much power")
        }
        return set
    }

    private init?(restoring validators: [Validator], proposer: ValidatorID) {
        self.validators = validators
        self.proposer = proposer
        totalPower = 0
        positions = [:]
        for (index, validator) in validators.enumerated() {
            guard validator.power > 0, validator.power <= ValidatorSet.powerLimit else { return nil }
            guard positions.updateValue(index, forKey: validator.id) == nil else { return nil }
            if index > 0, !ValidatorSet.precedes(validators[index - 1], validator) { return nil }
            totalPower += validator.power
            guard totalPower <= ValidatorSet.powerLimit else { return nil }
        }
    }

    static func precedes(_ left: Validator, _ right: Validator) -> Bool {
        left.power != right.power ? left.power > right.power : left.id < right.id
    }

    /// Sets the members and all that follows from them.
    mutating func replace(with members: [Validator]) {
        validators = members.sorted(by: ValidatorSet.precedes)
        totalPower = validators.reduce(0) { $0 + $1.power }
        positions = [:]
        for (index, validator) in validators.enumerated() { positions[validator.id] = index }
    }
}
