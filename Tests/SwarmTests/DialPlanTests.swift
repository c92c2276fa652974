import Swarm
import Testing
import Wire

@Suite("The plan of a dial")
struct DialPlanTests {
    private struct Refused: Error, Equatable { let address: Multiaddress }

    private let a = address("/memory/1")
    private let b = address("/memory/2")
    private let c = address("/memory/3")

    private func rest(_ plan: DialPlan) -> [Multiaddress] {
        var plan = plan
        var all: [Multiaddress] = []
        while let next = plan.next() { all.append(next) }
        return all
    }

    @Test("addresses are tried in the order in which they are added, one that is asked for by name before all others")
    func order() {
        var plan = DialPlan()
        #expect(rest(plan) == [])
        plan.add([a, b])
        #expect(rest(plan) == [a, b])
        plan.add([b, c])
        #expect(rest(plan) == [a, b, c])
        plan.prefer(c)
        #expect(rest(plan) == [c, a, b])
        plan.prefer(address("/memory/4"))
        #expect(rest(plan) == [address("/memory/4"), c, a, b])
    }

    /// What may happen to a plan.
    private enum Step: CaseIterable { case addA, addB, addAll, preferA, preferB, preferC, next }

    @Test("whatever is asked for in whatever order, each address is tried once and none is forgotten")
    func once() {
        var sequences: [[Step]] = [[]]
        for _ in 0..<5 { sequences = sequences.flatMap { sequence in Step.allCases.map { sequence + [$0] } } }
        for steps in sequences {
            var plan = DialPlan()
            var named: Set<Multiaddress> = []
            var tried: [Multiaddress] = []
            for step in steps {
                switch step {
                case .addA: add([a])
                case .addB: add([b])
                case .addAll: add([a, b, c])
                case .preferA: prefer(a)
                case .preferB: prefer(b)
                case .preferC: prefer(c)
                case .next:
                    guard let next = plan.next() else { continue }
                    tried.append(next)
                    plan.failed(next, Refused(address: next))
                }
            }
            while let next = plan.next() {
                tried.append(next)
                plan.failed(next, Refused(address: next))
            }
            func add(_ addresses: [Multiaddress]) {
                plan.add(addresses)
                named.formUnion(addresses)
            }
            func prefer(_ address: Multiaddress) {
                plan.prefer(address)
                named.insert(address)
            }
            // One check a sequence: there are 16,807.
            let isSound =
                tried.count == named.count && Set(tried) == named && plan.failures.map(\.address) == tried
                && plan.failures.allSatisfy { $0.error as? Refused == Refused(address: $0.address) }
            if !isSound { Issue.record("\(steps): tried \(tried) of \(named)") }
        }
    }
}
