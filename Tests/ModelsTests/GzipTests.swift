import Keys
import Models
import Testing

enum GzipSample {
    /// gzip of the 25 bytes "banyan, banyan and banyan".
    static let notIDX: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 75, 74, 204, 171, 76, 204, 211, 81, 72, 2, 211, 10, 137, 121, 41, 80,
        38, 0, 233, 225, 77, 28, 25, 0, 0, 0,
    ]
    /// gzip of 65,536 zeros.
    static let zeros: [UInt8] = [
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 237, 193, 1, 1, 0, 0, 0, 128, 144, 254, 175, 238, 8, 10, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 106, 235, 142, 151, 215, 0, 0, 1,
        0,
    ]
}

@Suite("Gzip and IDX")
struct GzipTests {
    @Test("a whole member comes out as it went in")
    func whole() {
        #expect(Gzip.inflated(GzipSample.notIDX, limit: 25) == Array("banyan, banyan and banyan".utf8))
        #expect(Gzip.inflated(GzipSample.zeros, limit: 65_536) == [UInt8](repeating: 0, count: 65_536))
    }

    @Test("more than the limit is refused, however small the file")
    func bomb() {
        #expect(Gzip.inflated(GzipSample.notIDX, limit: 24) == nil)
        #expect(Gzip.inflated(GzipSample.zeros, limit: 65_535) == nil)
        #expect(Gzip.inflated(GzipSample.zeros, limit: 0) == nil)
        #expect(Gzip.inflated(GzipSample.zeros, limit: -1) == nil)
    }

    @Test("every truncation is noticed, and no flipped bit changes the contents unnoticed")
    func damage() {
        for sample in [GzipSample.notIDX, GzipSample.zeros] {
            let whole = Gzip.inflated(sample, limit: 1 << 20)
            for length in sample.indices { #expect(Gzip.inflated(Array(sample[..<length]), limit: 1 << 20) == nil) }
            #expect(Gzip.inflated(sample + [0], limit: 1 << 20) == nil)
            for bit in 0..<sample.count * 8 {
                var changed = sample
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                let result = Gzip.inflated(changed, limit: 1 << 20)
                #expect(result == nil || result == whole, "bit \(bit)")
            }
        }
    }

    @Test("an IDX file holds exactly what its header says")
    func idx() throws {
        let parsed = try #require(IDX.parse([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]))
        #expect(parsed.shape == [2, 3] && Array(parsed.values) == [1, 2, 3, 4, 5, 6])
        #expect(IDX.parse([0, 0, 8, 1, 0, 0, 0, 0])?.shape == [0])
        let bad: [[UInt8]] = [
            [], [0, 0, 8], [0, 0, 8, 0], [0, 0, 8, 1], [0, 0, 8, 1, 0, 0, 0], [1, 0, 8, 1, 0, 0, 0, 0],
            [0, 1, 8, 1, 0, 0, 0, 0],
            [0, 0, 9, 1, 0, 0, 0, 0], [0, 0, 8, 1, 0, 0, 0, 1], [0, 0, 8, 1, 0, 0, 0, 1, 7, 7],
            [0, 0, 8, 255, 0, 0, 0, 0],
            [0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9],
            [0, 0, 8, 3] + [UInt8](repeating: 255, count: 12), [0, 0, 8, 3] + [UInt8](repeating: 255, count: 12) + [1],
        ]
        for file in bad { #expect(IDX.parse(file) == nil, "\(file)") }
    }

    @Test("random bytes never crash the two readers")
    func fuzz() {
        var generator = SeededGenerator(seed: 5)
        for round in 0..<20_000 {
            var bytes = round % 2 == 0 ? GzipSample.notIDX : [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 1, 7, 7]
            for _ in 0..<1 + Int(generator.next(below: 5)) {
                bytes[Int(generator.next(below: UInt64(bytes.count)))] = UInt8(truncatingIfNeeded: generator.next())
            }
            if let output = Gzip.inflated(bytes, limit: 100) { #expect(output.count <= 100) }
            if let parsed = IDX.parse(bytes) { #expect(parsed.shape.reduce(1, *) == parsed.values.count) }
        }
    }
}
