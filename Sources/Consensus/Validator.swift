package import Keys
package import Wire

/// Validators are named by their account; ids compare as the 32 bytes of the account key.
package typealias ValidatorID = AccountID

/// One validator: who it is, which key signs its votes, how much it counts, and when its turn to propose comes.
package struct Validator: Hashable, Sendable, Canonical {
    package let id: ValidatorID
    /// The node key that signs proposals and votes.
    package let key: PublicKey
    /// Voting power; 1 … ``ValidatorSet/powerLimit``.
    package let power: UInt64
    /// The weight of its claim to the next turn (weighted round robin).
    package internal(set) var priority: Int64

    package init(id: ValidatorID, key: PublicKey, power: UInt64, priority: Int64 = 0) {
        self.id = id
        self.key = key
        self.power = power
        self.priority = priority
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(id)
        writer.write(key)
        writer.write(power)
        writer.write(priority)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Validator {
        Validator(
            id: try reader.read(), key: try reader.read(), power: try reader.readUInt64(),
            priority: try reader.readInt64())
    }
}

/// A wish to add, change or (with power 0) remove one validator.
package struct ValidatorChange: Hashable, Sendable {
    package let id: ValidatorID
    package let key: PublicKey
    package let power: UInt64

    package init(id: ValidatorID, key: PublicKey, power: UInt64) {
        self.id = id
        self.key = key
        self.power = power
    }
}
