package import Keys
package import Wire

/// An answer that a committee has found wrong, while its provider can have that decided by computation.
///
/// The provider is slashed at once, and what was taken is held: whoever gets it could spend it before it turns out that the members were wrong.
package struct AnswerConviction: Hashable, Sendable, Canonical {
    /// A member that has found a fault, and has lost no dispute about it.
    package struct Member: Hashable, Sendable, Canonical {
        package var account: AccountID
        package var fault: AnswerFault
        /// Whether its finding is the one that won: then it is paid, when the conviction stands.
        package var isWinner: Bool

        package init(account: AccountID, fault: AnswerFault, isWinner: Bool) {
            self.account = account
            self.fault = fault
            self.isWinner = isWinner
        }

        package func encode(into writer: inout ByteWriter) {
            writer.write(account)
            writer.write(fault)
            writer.write(isWinner)
        }
        package static func decode(from reader: inout ByteReader) throws(WireError) -> Member {
            Member(account: try reader.read(), fault: try reader.read(), isWinner: try reader.readBool())
        }
    }

    /// Whoever has found a fault, with whatever value: one that is right is enough to keep it.
    package var members: [Member]
    /// The members that have found the answer right, then those that have found a fault and another value than the winners; with what
    /// they were slashed for it, as far as it was not paid back.
    package var outvoted: [AnswerAppeal.Appellant]
    /// What was taken of the provider's stake.
    package var held: Amount
    /// Who has accused the answer, with its bond.
    package var accuser: AnswerAudit.Accuser?
    /// What the wages are measured by.
    package var price: Amount
    /// The height at which it stands, unless a dispute runs then.
    package var end: UInt64

    package init(
        members: [Member], outvoted: [AnswerAppeal.Appellant], held: Amount, accuser: AnswerAudit.Accuser?,
        price: Amount, end: UInt64
    ) {
        self.members = members
        self.outvoted = outvoted
        self.held = held
        self.accuser = accuser
        self.price = price
        self.end = end
    }

    /// - Parameter losses: what each seat was slashed.
    init(
        of audit: AnswerAudit, _ fault: AnswerFault, _ recomputation: AuditFinding.Recomputation, losses: [Amount],
        held: Amount, price: Amount
    ) {
        let winner = AuditFinding.faulty(fault, recomputation)
        var (right, wrong): ([AnswerAppeal.Appellant], [AnswerAppeal.Appellant]) = ([], [])
        var members: [Member] = []
        for (seat, loss) in zip(audit.seats, losses) {
            let member = AnswerAppeal.Appellant(account: seat.account, loss: loss)
            switch seat.finding {
            case .correct: right.append(member)
            case .faulty(let fault, _):
                members.append(Member(account: seat.account, fault: fault, isWinner: seat.finding == winner))
                if loss > .zero { wrong.append(member) }
            case .unavailable, .unable, nil: break
            }
        }
        self.init(
            members: members, outvoted: right + wrong, held: held, accuser: audit.accuser, price: price, end: 0)
    }

    /// All that is held.
    var total: Amount { held + (accuser?.bond ?? .zero) }

    package func encode(into writer: inout ByteWriter) {
        writer.write(list: members)
        writer.write(list: outvoted)
        writer.write(held)
        writer.write(optional: accuser)
        writer.write(price)
        writer.write(end)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> AnswerConviction {
        AnswerConviction(
            members: try reader.readList(limit: JobRecord.memberLimit),
            outvoted: try reader.readList(limit: JobRecord.memberLimit), held: try reader.read(),
            accuser: try reader.readOptional(), price: try reader.read(), end: try reader.readUInt64())
    }
}
