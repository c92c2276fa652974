import Node
import Testing

@Suite struct AttemptsTests {
    @Test("the same step is due again after a while, another one at once")
    func patience() {
        var attempts = Attempts<String, Int>(patience: 5)
        #expect(attempts.isDue(1, about: "a", at: 10))
        attempts.tried(1, about: "a", at: 10)
        #expect((10..<20).first { attempts.isDue(1, about: "a", at: $0) } == 15)
        #expect(attempts.isDue(2, about: "a", at: 10) && attempts.isDue(1, about: "b", at: 10))
        attempts.tried(2, about: "a", at: 11)
        #expect(attempts.isDue(1, about: "a", at: 11))
    }

    @Test("what was given up is not due any more, until it is forgotten")
    func end() {
        var attempts = Attempts<String, Int>(patience: 5)
        attempts.gaveUp(1, about: "a")
        #expect(!attempts.isDue(1, about: "a", at: 1_000_000) && attempts.isDue(2, about: "a", at: 0))
        attempts.keep { $0 != "a" }
        #expect(attempts.isDue(1, about: "a", at: 0))
    }
}
