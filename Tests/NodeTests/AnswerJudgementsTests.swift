import API
import Keys
import Ledger
import Node
import Testing

@Suite struct AnswerJudgementsTests {
    private let id = AnswerID(provider: Town.identity("provider").accountID, job: Digest(sha256: [1]))
    private let other = AnswerID(provider: Town.identity("other").accountID, job: Digest(sha256: [2]))
    private let member = Town.identity("member").accountID
    private let recomputation = AuditFinding.Recomputation(value: Digest(sha256: [3]), price: .zero)

    private func judged(_ events: [LedgerEvent]) -> [NodeEvent.Judged] { AnswerJudgements(events, at: 9).all }
    private func audited(_ id: AnswerID, _ finding: AuditFinding?) -> LedgerEvent {
        .answerAudited(
            .init(answer: id, finding: finding, payments: [.init(account: member, amount: Amount(seeds: 4))]))
    }

    @Test("each decision is told with its own payments and slashes, and no slash of anything else")
    func slashes() {
        let wrong = AuditFinding.faulty(AnswerFault(code: 32, step: 7), recomputation)
        let all = judged([
            .slashed(member, Amount(seeds: 99), reason: .doubleSign),
            .slashed(id.provider, Amount(seeds: 5), reason: .wrongAnswer),
            .slashed(member, Amount(seeds: 6), reason: .silentAuditor), audited(id, wrong),
            .slashed(member, Amount(seeds: 7), reason: .falseAuditor), audited(other, .correct(recomputation)),
            .slashed(other.provider, Amount(seeds: 8), reason: .equivocation), .equivocated(other, reportedBy: member),
        ])
        #expect(all.map(\.request) == [id.job, other.job, other.job].map { "\($0)" })
        #expect(all.map(\.provider) == [id, other, other].map { "\($0.provider)" })
        #expect(all.map(\.outcome) == ["rejected", "accepted", "rejected"])
        #expect(all.map { $0.slashes.map(\.amount) } == [["5", "6"], ["7"], ["8"]])
        #expect(all.map { $0.payments.map(\.amount) } == [["4"], ["4"], []])
        #expect(all[0].reason == "step 7: the model chooses another token" && all[1].reason == nil)
        #expect(all.allSatisfy { $0.height == 9 })
    }

    @Test("an answer that nobody showed is rejected, one without an end undecided")
    func outcomes() {
        #expect(judged([audited(id, .unavailable)])[0].outcome == "rejected")
        #expect(judged([audited(id, nil)])[0].outcome == "undecided")
        #expect(judged([.answerClosed(id, .unaudited)]).isEmpty)
    }

    @Test("of an appeal the member is named that had to stand for its word; a planted fault is called one")
    func appeals() {
        func ended(_ defender: AccountID, _ winner: DisputeParty) -> NodeEvent.Judged {
            judged([
                .disputeEnded(
                    .init(
                        answer: id, challenger: other.provider, defender: defender,
                        member: defender == id.provider ? nil : defender, winner: winner, reason: .recomputed,
                        moves: 3, loss: Amount(seeds: 9)))
            ])[0]
        }
        let lost = ended(member, .challenger)
        #expect(lost.member == "\(member)" && lost.provider == "\(id.provider)" && lost.outcome == "rejected")
        #expect(lost.slashes == [.init(account: "\(member)", amount: "9")] && lost.reason?.contains("member") == true)
        #expect(lost.payments == [.init(account: "\(other.provider)", amount: "4")])
        let won = ended(member, .defender)
        #expect(won.outcome == "accepted" && won.payments == [.init(account: "\(member)", amount: "4")])
        #expect(ended(id.provider, .challenger).member == nil)
        let wrong = AuditFinding.faulty(AnswerFault(code: 32, step: 7), recomputation)
        let planted = judged([.answerAudited(.init(answer: id, finding: wrong, payments: [], isPlanted: true))])
        #expect(planted[0].outcome == "rejected" && planted[0].reason?.contains("planted") == true)
    }

    @Test("of a conviction each dispute names the member and who was wrong, and the end who is paid")
    func convictions() {
        func ended(_ winner: DisputeParty) -> NodeEvent.Judged {
            judged([
                .disputeEnded(
                    .init(
                        answer: id, challenger: member, defender: id.provider, member: member, winner: winner,
                        reason: .recomputed, moves: 3, loss: Amount(seeds: 9)))
            ])[0]
        }
        let (won, lost) = (ended(.defender), ended(.challenger))
        #expect(won.member == "\(member)" && won.outcome == "accepted" && won.reason?.contains("member") == true)
        #expect(won.slashes == [.init(account: "\(member)", amount: "9")])
        #expect(won.payments == [.init(account: "\(id.provider)", amount: "4")])
        #expect(lost.member == "\(member)" && lost.outcome == "rejected" && lost.reason?.contains("provider") == true)
        #expect(lost.slashes == [.init(account: "\(id.provider)", amount: "9")])
        for isUpheld in [true, false] {
            let end = judged([
                .convictionEnded(
                    .init(
                        answer: id, isUpheld: isUpheld, held: Amount(seeds: 5),
                        payments: [.init(account: member, amount: Amount(seeds: 2))]))
            ])[0]
            #expect(end.outcome == (isUpheld ? "rejected" : "accepted") && end.slashes.isEmpty && end.member == nil)
            #expect(end.payments.map(\.amount) == (isUpheld ? ["2"] : ["5", "2"]))
        }
    }

    @Test("who shows the state that others have not computed is named with what they pay and what it is paid")
    func shown() {
        let all = judged([
            .slashed(other.provider, Amount(seeds: 7), reason: .falseAuditor),
            .witnessShown(.init(answer: id, by: member, payments: [.init(account: member, amount: Amount(seeds: 8))])),
        ])
        #expect(all.count == 1 && all[0].outcome == "accepted" && all[0].member == "\(member)")
        #expect(all[0].slashes == [.init(account: "\(other.provider)", amount: "7")])
        #expect(all[0].payments == [.init(account: "\(member)", amount: "8")])
    }

    @Test("rules of a laboratory replace the standard ones by name, and nothing else passes")
    func rules() throws {
        let rules = try AnswerParameters(changing: "auditShare=10000,commitWindow=30,convictionWindow=7")
        #expect(rules.auditShare == 10_000 && rules.commitWindow == 30 && rules.convictionWindow == 7)
        #expect(rules.committee == AnswerParameters().committee)
        for text in ["auditShare", "auditShare=x", "slash=1", "auditShare=1;window=2", "=1"] {
            #expect(throws: Problem.self) { try AnswerParameters(changing: text) }
        }
    }
}
