package import Keys
package import Wire

/// The proof that a block was decided: one slot per validator, in the order of the height's ``ValidatorSet``.
package struct Commit: Hashable, Sendable, Canonical {
    /// What one validator precommitted. Nil and absent slots do not count, but say who was there.
    package enum Slot: Hashable, Sendable {
        case absent
        case commit(Signature)
        case `nil`(Signature)
    }

    package let height: Height
    package let round: Round
    package let block: Digest
    package let slots: [Slot]

    package init(height: Height, round: Round, block: Digest, slots: [Slot]) {
        self.height = height
        self.round = round
        self.block = block
        self.slots = slots
    }

    /// How many validators signed for the block.
    package var signatureCount: Int {
        slots.count { if case .commit = $0 { true } else { false } }
    }

    /// The members of `set` that signed for the block, in the order of the set.
    package func signers(in set: ValidatorSet) -> [ValidatorID] {
        zip(set.validators, slots).compactMap { validator, slot in
            if case .commit = slot { validator.id } else { nil }
        }
    }

    /// The vote that the slot of `voter` stands for, with its signature; nil for an absent slot.
    package func vote(at index: Int, of voter: ValidatorID) -> SignedVote? {
        guard slots.indices.contains(index) else { return nil }
        switch slots[index] {
        case .absent: return nil
        case .commit(let signature):
            return SignedVote(
                Vote(.precommit, height: height, round: round, block: block, voter: voter), signature: signature)
        case .nil(let signature):
            return SignedVote(
                Vote(.precommit, height: height, round: round, block: nil, voter: voter), signature: signature)
        }
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(height)
        writer.write(round)
        writer.write(block)
        writer.writeVarint(UInt64(slots.count))
        for slot in slots {
            switch slot {
            case .absent:
                writer.write(UInt8(1))
            case .commit(let signature):
                writer.write(UInt8(2))
                writer.write(signature)
            case .nil(let signature):
                writer.write(UInt8(3))
                writer.write(signature)
            }
        }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Commit {
        let height = try reader.readHeight()
        let round = try reader.readRound()
        let block: Digest = try reader.read()
        let count = try reader.readVarint()
        let limit = UInt64(ValidatorSet.countLimit)
        guard count <= limit else { throw .tooLong(length: count, limit: limit) }
        var slots: [Slot] = []
        for _ in 0..<count {
            switch try reader.readUInt8() {
            case 1: slots.append(.absent)
            case 2: slots.append(.commit(try reader.read()))
            case 3: slots.append(.nil(try reader.read()))
            case let tag: throw .unknownTag(UInt64(tag), of: "Commit.Slot")
            }
        }
        return Commit(height: height, round: round, block: block, slots: slots)
    }
}
