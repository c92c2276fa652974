import Keys
import Proofs
import Testing

@Suite struct AuditPlanTests {
    @Test(
        "every segment lies with 2f + 1 members, so that every accepting majority has an honest one", arguments: 1...13)
    func coverage(members: Int) {
        let accounts = (0..<members).map { Bench.account(UInt8($0)) }
        let faulty = (members - 1) / 3
        for segments in [1, 2, 3, 7, 8, 24, 100] {
            for seed in 0..<10 as Range<UInt64> {
                let plan = AuditPlan(
                    seed: Bench.digest("audit", seed), receipt: Bench.digest("receipt", seed), members: accounts,
                    segments: segments)
                var holders = [Int](repeating: 0, count: segments)
                for account in accounts { for segment in plan.shared(of: account) { holders[Int(segment)] += 1 } }
                #expect(holders.allSatisfy { $0 == 2 * faulty + 1 })
            }
        }
    }

    @Test("a stranger has no share, and another beacon deals differently")
    func draws() {
        let accounts = (0..<4).map { Bench.account(UInt8($0)) }
        func plan(_ seed: UInt64) -> AuditPlan {
            AuditPlan(seed: Bench.digest("audit", seed), receipt: .zero, members: accounts, segments: 24)
        }
        #expect(plan(0).shared(of: Bench.account(9)).isEmpty)
        let shares = Set((0..<40 as Range<UInt64>).map { plan($0).shared(of: accounts[0]) })
        #expect(shares.count > 10)
    }
}
