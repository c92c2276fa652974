import Testing
import Transport

@Suite("accept limiter")
struct AcceptLimiterTests {
    private let first: [UInt8] = [127, 0, 0, 1]
    private let second: [UInt8] = [127, 0, 0, 2]

    @Test("a source gets its burst at once, then the steady rate, and no other source pays for it")
    func burstAndRate() {
        var limiter = AcceptLimiter(burst: 5, perSecond: 10)
        let burst = (0..<8).map { _ in limiter.admit(first, at: .zero) }
        #expect(burst == [true, true, true, true, true, false, false, false])
        let other = limiter.admit(second, at: .zero)
        #expect(other)
        let later = (1...20).filter { limiter.admit(first, at: .milliseconds(50 * $0)) }
        #expect(later.count == 10)
    }

    @Test("the burst is whole again after a quiet time")
    func recovery() {
        var limiter = AcceptLimiter(burst: 3, perSecond: 1)
        let early = (0..<4).map { _ in limiter.admit(first, at: .zero) }
        #expect(early == [true, true, true, false])
        let late = (0..<4).map { _ in limiter.admit(first, at: .seconds(3)) }
        #expect(late == [true, true, true, false])
    }

    @Test("IPv6 addresses of one /64 are one source")
    func prefixes() {
        var limiter = AcceptLimiter(burst: 1, perSecond: 1)
        let near = [UInt8](repeating: 1, count: 15) + [7]
        let same = [UInt8](repeating: 1, count: 8) + [UInt8](repeating: 2, count: 8)
        let other = [UInt8](repeating: 3, count: 16)
        let admitted = [near, same, other].map { limiter.admit($0, at: .zero) }
        #expect(admitted == [true, false, true])
    }

    @Test("memory stays bounded however many sources there are")
    func bounded() {
        var limiter = AcceptLimiter(burst: 2, perSecond: 1)
        for index in 0..<3 * AcceptLimiter.sourceLimit {
            _ = limiter.admit([UInt8(index >> 16 & 255), UInt8(index >> 8 & 255), UInt8(index & 255), 1], at: .zero)
            #expect(limiter.sources <= AcceptLimiter.sourceLimit)
        }
    }
}
