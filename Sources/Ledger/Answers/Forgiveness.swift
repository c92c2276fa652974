import Keys
import Wire

/// What members have back that were slashed for what they had found, when it turns out that others were wrong.
///
/// One rule: **the reputation comes back with the last seed of the slash, and at once when the ledger knows that the member was right.** It knows it when
/// the state of the answer shows it, and when everybody that had found something else has lost. After a single dispute it does not: an accomplice
/// may have lost on purpose, and the slash is the price of the reputation that this would bring.
extension Execution {
    /// Pays back after a dispute, as far as `fund` goes. That it is what the loser pays, and no more, makes it no way to undo a slash that was earned:
    /// whoever throws a dispute for it pays the same.
    /// - Returns: what was paid.
    mutating func repay(_ outvoted: inout [AnswerAppeal.Appellant], from fund: Amount) -> Amount {
        var left = fund
        for index in outvoted.indices where outvoted[index].loss > .zero {
            let member = outvoted[index]
            let part = min(member.loss, left)
            left -= part
            outvoted[index].loss -= part
            credit(member.account, part)
            if outvoted[index].loss == .zero { pardon(member.account) }
        }
        return fund - left
    }

    /// These members were right: from now on they are as if the others had agreed with them. What is still missing of their slash is paid from the pool,
    /// which has got it, as far as the pool goes.
    mutating func vindicate(_ members: [AnswerAppeal.Appellant]) {
        var members = members
        let owed: Amount = members.reduce(.zero) { $0 + $1.loss }
        _ = repay(&members, from: takeFromPool(owed))
        let time = context.time
        for member in members {
            // Who had lost nothing was not blamed, and who has lost nothing any more is pardoned.
            if member.loss > .zero { pardon(member.account) }
            update(member.account) { $0.reputation.succeed(at: time) }
        }
    }

    /// Takes back what ``judge(_:_:)`` has noted of a liar.
    private mutating func pardon(_ member: AccountID) {
        let time = context.time
        update(member) { $0.reputation.pardon(6, at: time) }
    }
}
