package import Keys
package import Wire

/// An answer that a committee has found right, while that can still be decided by computation.
///
/// A committee is believed because more than two thirds of it agree. That they computed anything nobody sees, so each of them answers for its word
/// with its own stake, and alone: the ledger cannot tell a member that loses a dispute on purpose from one that is wrong.
package struct AnswerAppeal: Hashable, Sendable, Canonical {
    /// Somebody who may appeal until it has lost an appeal: the client, and each member that has found a fault. Of a conviction: a member that has
    /// something back when those who outvoted it were wrong.
    package struct Appellant: Hashable, Sendable, Canonical {
        package var account: AccountID
        /// What it was slashed for not agreeing with the others, as far as it was not paid back.
        package var loss: Amount

        package init(account: AccountID, loss: Amount) {
            self.account = account
            self.loss = loss
        }

        package func encode(into writer: inout ByteWriter) {
            writer.write(account)
            writer.write(loss)
        }
        package static func decode(from reader: inout ByteReader) throws(WireError) -> Appellant {
            Appellant(account: try reader.read(), loss: try reader.read())
        }
    }

    /// A member that has found the answer right with another value than the others. Which value is that of the answer, the state shows that it is made
    /// of.
    package struct Loner: Hashable, Sendable, Canonical {
        package var account: AccountID
        package var value: Digest
        package var loss: Amount

        package init(account: AccountID, value: Digest, loss: Amount) {
            self.account = account
            self.value = value
            self.loss = loss
        }

        package func encode(into writer: inout ByteWriter) {
            writer.write(account)
            writer.write(value)
            writer.write(loss)
        }
        package static func decode(from reader: inout ByteReader) throws(WireError) -> Loner {
            Loner(account: try reader.read(), value: try reader.read(), loss: try reader.read())
        }
    }

    /// The members whose finding won, as far as none of them has lost a dispute about it.
    package var upholders: [AccountID]
    /// The client, then the members that have found a fault; without those that have lost an appeal.
    package var appellants: [Appellant]
    package var loners: [Loner]
    /// Of the audit: says which state its value is made of.
    package var seed: Digest
    /// Whether a member has lost one: then nobody knows by the committee's word that the answer is right.
    package var isShaken: Bool
    /// Whether the provider has lost one: it is over for the provider, and not for those that have confirmed its answer.
    package var isFaulty: Bool
    /// The height at which it ends, unless a dispute runs then.
    package var end: UInt64

    package init(
        upholders: [AccountID], appellants: [Appellant], loners: [Loner] = [], seed: Digest = .zero,
        isShaken: Bool = false, isFaulty: Bool = false, end: UInt64
    ) {
        self.loners = loners
        self.seed = seed
        self.upholders = upholders
        self.appellants = appellants
        self.isShaken = isShaken
        self.isFaulty = isFaulty
        self.end = end
    }

    /// What becomes of the answer when nobody appeals any more.
    package var outcome: AnswerOutcome {
        if isFaulty { return .faulty }
        if appellants.isEmpty { return .upheld }
        return isShaken ? .unaudited : .correct
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(list: upholders)
        writer.write(list: appellants)
        writer.write(list: loners)
        writer.write(seed)
        writer.write(isShaken)
        writer.write(isFaulty)
        writer.write(end)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> AnswerAppeal {
        AnswerAppeal(
            upholders: try reader.readList(limit: JobRecord.memberLimit),
            appellants: try reader.readList(limit: JobRecord.memberLimit + 1),
            loners: try reader.readList(limit: JobRecord.memberLimit), seed: try reader.read(),
            isShaken: try reader.readBool(),
            isFaulty: try reader.readBool(), end: try reader.readUInt64())
    }
}
