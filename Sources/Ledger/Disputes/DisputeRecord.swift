package import Keys
package import Wire

/// A dispute while it runs; what its referee knows of it is a record of its own (``StateKey/disputeState(_:)``).
package struct DisputeRecord: Hashable, Sendable, Canonical {
    /// Who says that it is wrong: a client, or a member of the committee that has found it wrong.
    package var challenger: AccountID
    /// Who stands for the answer: its provider, or a member of the committee that has found it right.
    package var defender: AccountID
    /// Of whoever has opened it: the challenger, and of a conviction the provider.
    package var bond: Amount
    package var turn: DisputeParty
    /// The last height for the next move.
    package var deadline: UInt64
    /// Moves so far.
    package var moves: UInt32

    package init(
        challenger: AccountID, defender: AccountID, bond: Amount, turn: DisputeParty, deadline: UInt64, moves: UInt32
    ) {
        self.challenger = challenger
        self.defender = defender
        self.bond = bond
        self.turn = turn
        self.deadline = deadline
        self.moves = moves
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(challenger)
        writer.write(defender)
        writer.write(bond)
        writer.write(turn.rawValue)
        writer.write(deadline)
        writer.write(moves)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> DisputeRecord {
        let (challenger, defender): (AccountID, AccountID) = (try reader.read(), try reader.read())
        let bond: Amount = try reader.read()
        let tag = try reader.readUInt8()
        guard let turn = DisputeParty(rawValue: tag) else { throw .unknownTag(UInt64(tag), of: "DisputeParty") }
        return DisputeRecord(
            challenger: challenger, defender: defender, bond: bond, turn: turn, deadline: try reader.readUInt64(),
            moves: try reader.readUInt32())
    }
}

/// The state of a dispute as its referee wrote it.
struct DisputeState: Canonical {
    var bytes: [UInt8]

    func encode(into writer: inout ByteWriter) { writer.writePrefixed(bytes) }
    static func decode(from reader: inout ByteReader) throws(WireError) -> DisputeState {
        DisputeState(bytes: try reader.readPrefixed(limit: StateProof.valueLimit))
    }
}

/// The claim of a client that an answer is wrong, or of a provider that it is not, to be decided by computation. Whoever is wrong loses the bond.
package struct DisputeOpening: Hashable, Sendable, Canonical {
    /// The list of tensors of a model with a hundred layers takes 80 KiB; the rest is for the prompt.
    package static let byteLimit = 256 << 10

    package var bond: Amount
    /// The member of the committee that is to stand for its finding; nil when the provider is to stand for its answer.
    package var member: AccountID?
    /// For the referee.
    package var opening: [UInt8]

    package init(bond: Amount, member: AccountID? = nil, opening: [UInt8]) {
        self.bond = bond
        self.member = member
        self.opening = opening
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(bond)
        writer.write(optional: member)
        writer.writePrefixed(opening)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> DisputeOpening {
        DisputeOpening(
            bond: try reader.read(), member: try reader.readOptional(),
            opening: try reader.readPrefixed(limit: byteLimit))
    }
}

/// One move in a dispute.
package struct DisputeTurn: Hashable, Sendable, Canonical {
    /// Fits a block of 900 kB with room for the transactions of others.
    package static let byteLimit = 640 << 10

    package var answer: AnswerID
    /// Moves before this one: one that comes late, or twice, is never taken for another.
    package var number: UInt32
    /// For the referee.
    package var move: [UInt8]

    package init(answer: AnswerID, number: UInt32, move: [UInt8]) {
        self.answer = answer
        self.number = number
        self.move = move
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(answer)
        writer.write(number)
        writer.writePrefixed(move)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> DisputeTurn {
        DisputeTurn(
            answer: try reader.read(), number: try reader.readUInt32(), move: try reader.readPrefixed(limit: byteLimit))
    }
}
