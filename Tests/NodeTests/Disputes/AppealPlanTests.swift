import Keys
import Ledger
import Node
import Proofs
import Testing

@Suite struct AppealPlanTests {
    private let exchange = Sample.exchange()

    private func open(phase: AnswerAudit.Phase? = nil, upholders: [AccountID]? = nil, isFaulty: Bool = false)
        -> AnswerState
    {
        var open = OpenAnswer(
            answer: AnswerRecord(signed: exchange.receipt, client: Court.client, payment: .zero), isRecorded: true,
            end: 9, risk: .zero)
        if let phase {
            var audit = AnswerAudit(accuser: nil)
            audit.phase = phase
            open.audit = audit
        }
        open.appeal = upholders.map {
            AnswerAppeal(
                upholders: $0, appellants: [AnswerAppeal.Appellant(account: Court.client, loss: .zero)],
                isFaulty: isFaulty, end: 99)
        }
        return .open(open)
    }

    private func plan(
        _ state: AnswerState?, isDisputed: Bool = false, of account: AccountID = Court.client, isPlanted: Bool = false
    ) -> AppealPlan {
        AppealPlan(state, isDisputed: isDisputed, of: account, isPlanted: isPlanted)
    }

    @Test("members are appealed against one after the other, the provider last, and while a dispute runs nobody is")
    func order() {
        let members = [Court.member, Court.provider]
        #expect(plan(open(upholders: members)) == .appeal(against: members[0]))
        #expect(plan(open(upholders: members), isDisputed: true) == .wait)
        #expect(plan(open(upholders: [members[1]])) == .appeal(against: members[1]))
        #expect(plan(open(upholders: [])) == .appeal(against: nil))
        // The provider has lost already.
        #expect(plan(open(upholders: members, isFaulty: true)) == .appeal(against: members[0]))
        #expect(plan(open(upholders: [], isFaulty: true)) == .wait)
        // Whoever has lost an appeal, or never could, waits for nothing.
        #expect(plan(open(upholders: members), of: Court.member) == .wait)
    }

    @Test("nothing is done before a committee has spoken, and nothing after all is over")
    func waiting() {
        #expect(plan(nil) == .wait && plan(open()) == .wait)
        for phase in AnswerAudit.Phase.allCases { #expect(plan(open(phase: phase)) == .wait) }
        #expect(plan(.closed(.correct)) == .over)
    }

    @Test("a member that was outvoted about a right answer shows its state, when no dispute runs")
    func loners() {
        let appeal = AnswerAppeal(
            upholders: [Court.provider], appellants: [],
            loners: [.init(account: Court.member, value: .zero, loss: .zero)], seed: Digest(sha256: [5]), end: 99)
        let state = AnswerState.open(
            OpenAnswer(
                answer: AnswerRecord(signed: exchange.receipt, client: Court.client, payment: .zero), isRecorded: true,
                end: 9, risk: .zero, appeal: appeal))
        #expect(plan(state, of: Court.member) == .show(seed: Digest(sha256: [5])))
        #expect(plan(state, isDisputed: true, of: Court.member) == .wait)
        #expect(plan(state) == .wait && plan(state, of: Court.provider) == .wait)
    }

    @Test("a provider that is right answers each member whose fault can be disputed, and one that is wrong nobody")
    func defence() {
        func conviction(_ codes: [UInt16]) -> AnswerConviction {
            let members = zip([Court.member, Court.client, Court.provider], codes).map {
                AnswerConviction.Member(account: $0, fault: AnswerFault(code: $1, step: 0), isWinner: true)
            }
            return AnswerConviction(
                members: members, outvoted: [], held: .zero, accuser: nil, price: .zero, end: 9)
        }
        for code in [20, 32, 33, 999] as [UInt16] {
            #expect(DefencePlan(conviction([code, 33]), isRight: true) == .appeal(against: Court.member))
            #expect(DefencePlan(conviction([code, 33]), isRight: false) == .wait)
        }
        #expect(DefencePlan(conviction([24, 22, 33]), isRight: true) == .appeal(against: Court.provider))
        #expect(DefencePlan(conviction([24, 23]), isRight: true) == .wait)
    }

    @Test("who has planted a fault pleads when it is found, appeals when it is not, and leaves its provider alone")
    func planted() {
        #expect(plan(open(phase: .pleading), isPlanted: true) == .plead)
        #expect(plan(open(phase: .revealing), isPlanted: true) == .wait)
        #expect(plan(open(upholders: [Court.member]), isPlanted: true) == .appeal(against: Court.member))
        #expect(plan(open(upholders: []), isPlanted: true) == .wait)
    }
}
