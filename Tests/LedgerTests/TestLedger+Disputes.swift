import Keys
import Ledger
import Testing
import Wire

extension TestLedger {
    static let bond = Amount(fig: 4)!

    /// Account 1 provides, account 6 asks; nothing is audited by lot. A wrong answer costs ten times its price.
    static func disputing(isRecorded: Bool = true) throws -> TestLedger {
        var ledger = try TestLedger.answering { $0.disputeBudget = 7 }
        // Nobody to draw: the lot means nothing.
        try ledger.block((0..<6).map { ($0, .volunteer(false)) })
        if isRecorded { #expect(try ledger.attempt(.recordAnswers([ledger.answer()]), by: 1) == nil) }
        return ledger
    }

    func opening(
        job: UInt64 = 0, bond: Amount = bond, member: Int? = nil, isEvident: Bool = false, isOffered: Bool = true,
        isUnnamed: Bool = false, output: UInt8 = 0, payment: Amount = TestLedger.price
    ) -> Operation {
        let answer = answer(job: job, output: output, payment: payment)
        return .openDispute(
            DisputeOpening(
                bond: bond, member: member.map(id),
                opening: ToyReferee.opening(answer, isEvident: isEvident, isOffered: isOffered, isUnnamed: isUnnamed)))
    }

    func move(_ move: ToyReferee.Move, number: UInt32) -> Operation {
        .disputeMove(DisputeTurn(answer: answer().id, number: number, move: [move.rawValue]))
    }

    /// The last dispute that ended.
    var disputeEnd: LedgerEvent.DisputeEnded? {
        for case .disputeEnded(let end) in events.reversed() { return end }
        return nil
    }
}
