import Testing
import Transport

@Suite("Log lines about refused connections")
struct RefusalsTests {
    @Test("one line of each reason in ten seconds, with the number of those before it")
    func rate() {
        var refusals = Refusals()
        #expect(refusals.note(.handshake, at: .zero) == 1)
        #expect(refusals.note(.tooFast, at: .zero) == 1)
        var lines: [Int] = []
        for moment in 1...30_000 {
            if let count = refusals.note(.handshake, at: .milliseconds(moment)) { lines.append(count) }
        }
        #expect(lines == [10_000, 10_000, 10_000])
        #expect(refusals.note(.tooFast, at: .seconds(30)) == 1)
    }
}
