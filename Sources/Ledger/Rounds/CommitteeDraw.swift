import Keys
import Wire

extension Execution {
    /// Everyone who may verify: stake, a registered node key, not banned. By ascending account.
    func verifiers() -> [JobRecord.Member] {
        (read(.stakers, as: AccountList.self)?.elements ?? []).compactMap { id in
            let account = account(id)
            let stake = account.stake.seeds / Amount.seedsPerFIG
            guard hasValidNode(account), !account.isBanned, stake > 0 else { return nil }
            return JobRecord.Member(account: id, weight: stake * account.reputation.level)
        }
    }

    /// Draws `count` of the candidates without replacement, each time with a chance in proportion to the weight.
    func draw(_ count: Int, of candidates: [JobRecord.Member], seed: Digest) -> [JobRecord.Member] {
        var generator = SeededGenerator(seed: seed)
        var rest = candidates
        var total = rest.reduce(0) { $0 + $1.weight }
        var drawn: [JobRecord.Member] = []
        while drawn.count < count, !rest.isEmpty {
            var ticket = generator.next(below: total)
            let index =
                rest.firstIndex { member in
                    if ticket < member.weight { return true }
                    ticket -= member.weight
                    return false
                } ?? rest.endIndex - 1
            let member = rest.remove(at: index)
            total -= member.weight
            drawn.append(member)
        }
        return drawn
    }
}
