import Keys
import Wire

/// What the members of an audit have said together.
struct AuditDecision {
    /// Nil without more than two thirds of the committee's weight.
    var finding: AuditFinding?

    /// Correct: more than two thirds of the weight say so with one and the same recomputation, which nobody has without doing the work.
    /// Against: more than two thirds found a fault or could not get the answer; the heaviest finding among them speaks for all.
    init(of seats: [AnswerAudit.Seat]) {
        let total = seats.reduce(UInt64(0)) { $0 + $1.weight }
        var weights: [AuditFinding: UInt64] = [:]
        for seat in seats {
            if let finding = seat.finding { weights[finding, default: 0] += seat.weight }
        }
        // The order of a dictionary must not matter: the heaviest, and of equal ones the first by bytes.
        let sorted = weights.sorted {
            $0.value != $1.value
                ? $0.value > $1.value : $0.key.canonicalBytes.lexicographicallyPrecedes($1.key.canonicalBytes)
        }
        if let best = sorted.first(where: { $0.key.isCorrect }), Self.isQuorum(best.value, of: total) {
            finding = best.key
            return
        }
        let against = sorted.filter { !$0.key.isCorrect && $0.key != .unable }
        if Self.isQuorum(against.reduce(0) { $0 + $1.value }, of: total) { finding = against.first?.key }
    }

    /// Strictly more than two thirds.
    private static func isQuorum(_ weight: UInt64, of total: UInt64) -> Bool {
        UInt128(weight) * 3 > UInt128(total) * 2
    }

    enum Standing { case paid, neither, silent, liar }

    /// How a member has done. One that could not get the answer or not check it, or that has the right recomputation and another
    /// opinion, did no harm.
    func standing(of seat: AnswerAudit.Seat) -> Standing {
        guard let own = seat.finding else { return .silent }
        guard let finding else { return .neither }
        if own == finding { return .paid }
        guard let mine = own.recomputation, let agreed = finding.recomputation else { return .neither }
        return mine == agreed ? .neither : .liar
    }
}

extension AuditFinding {
    package var isCorrect: Bool {
        if case .correct = self { true } else { false }
    }

    package var recomputation: Recomputation? {
        switch self {
        case .correct(let recomputation), .faulty(_, let recomputation): recomputation
        case .unavailable, .unable: nil
        }
    }

    var outcome: AnswerOutcome {
        switch self {
        case .correct: .correct
        case .faulty: .faulty
        case .unavailable: .unavailable
        case .unable: .unaudited
        }
    }
}
