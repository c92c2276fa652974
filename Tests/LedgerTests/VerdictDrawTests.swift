import Keys
import Ledger
import Testing
import Wire

@Suite struct VerdictDrawTests {
    @Test("the own draw is within the segments, and every segment is drawn sooner or later")
    func own() {
        var seen: Set<UInt32> = []
        for seed in 0..<200 as Range<UInt64> {
            let drawn = Verdict.draw(from: Digest(of: seed.canonicalBytes, domain: "output"), of: 8)
            #expect(drawn.count == Verdict.ownDraws)
            seen.formUnion(drawn)
        }
        #expect(seen == Set(0..<8))
        #expect(Verdict.draw(from: .zero, of: 1) == [0])
    }
}
