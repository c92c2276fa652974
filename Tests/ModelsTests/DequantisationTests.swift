import Foundation
import Keys
import Models
import Tensors
import Testing

@Suite("Stored weights as floats")
struct DequantisationTests {
    @Test("every sixteen-bit float has the value the hardware gives it")
    func halves() {
        for bits in 0...UInt16.max {
            let (ours, theirs) = (HalfFloat.value(bits), Float(Float16(bitPattern: bits)))
            #expect(ours.bitPattern == theirs.bitPattern || (ours.isNaN && theirs.isNaN), "\(bits)")
            let brain = HalfFloat.value(brain: bits)
            #expect(brain.bitPattern == UInt32(bits) << 16)
        }
    }

    /// A block of the type whose numbers after the sixteen-bit scales are random.
    private func block(_ type: WeightType, seed: UInt64) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        var bytes = (0..<type.blockBytes).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        // 0x2e66 ≈ 0.1, 0xb0cd ≈ −0.15: scales as they occur.
        for (place, scale) in zip(scales(type), [[0x66, 0x2e], [0xcd, 0xb0]] as [[UInt8]]) {
            bytes.replaceSubrange(place..<place + 2, with: scale)
        }
        return bytes
    }

    private func scales(_ type: WeightType) -> [Int] {
        switch type {
        case .float32, .float16, .bfloat16: []
        case .q4_0, .q5_0, .q8_0: [0]
        case .q4_1, .q5_1, .q4_K: [0, 2]
        case .q6_K: [208]
        }
    }

    @Test("a row has as many numbers as its type says, and changes with every byte", arguments: WeightType.allCases)
    func everyByteCounts(type: WeightType) {
        let bytes = block(type, seed: 7)
        let values = Reference.dequantized(bytes, type)
        #expect(values.count == type.blockLength)
        #expect(Reference.dequantized(bytes + bytes, type) == values + values)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x11
            let other = Reference.dequantized(changed, type)
            #expect(other.map(\.bitPattern) != values.map(\.bitPattern), "byte \(index)")
        }
    }

    @Test("values worked out by hand")
    func byHand() {
        // d = 0.5 (0x3800), m = −1 (0xbc00).
        let nibbles = (0..<16).map { UInt8($0 | (15 - $0) << 4) }
        let rising = (0..<16).map(Float.init)
        let falling = Array(rising.reversed())
        let all = rising + falling
        #expect(Reference.dequantized([0, 0x38] + nibbles, .q4_0) == all.map { 0.5 * ($0 - 8) })
        #expect(Reference.dequantized([0, 0x38, 0, 0xbc] + nibbles, .q4_1) == all.map { 0.5 * $0 - 1 })
        // Fifth bits: those of the numbers 0 and 31.
        let fifths: [UInt8] = [1, 0, 0, 0x80]
        func fifth(_ j: Int) -> Float { j == 0 || j == 31 ? 16 : 0 }
        let five = all.enumerated().map { $1 + fifth($0) }
        #expect(Reference.dequantized([0, 0x38] + fifths + nibbles, .q5_0) == five.map { 0.5 * ($0 - 16) })
        #expect(Reference.dequantized([0, 0x38, 0, 0xbc] + fifths + nibbles, .q5_1) == five.map { 0.5 * $0 - 1 })
        let signed: [Int8] = (-16..<16).map { $0 * 8 }
        let eight: [UInt8] = [0, 0x38] + signed.map { UInt8(bitPattern: $0) }
        #expect(Reference.dequantized(eight, .q8_0) == signed.map { 0.5 * Float($0) })
    }

    @Test("a block of Q4_K: eight groups with scales and minima of six bits")
    func superblock4() {
        // Scale of group g: g + 33, minimum: 63 − g; the upper two bits of groups 4…7 lie above those of groups 0…3.
        let scales = (0..<8).map { $0 + 33 }
        let minima = (0..<8).map { 63 - $0 }
        var packed = [Int](repeating: 0, count: 12)
        for j in 0..<4 {
            packed[j] = scales[j] | (scales[4 + j] >> 4) << 6
            packed[4 + j] = minima[j] | (minima[4 + j] >> 4) << 6
            packed[8 + j] = scales[4 + j] & 15 | (minima[4 + j] & 15) << 4
        }
        let quants = (0..<128).map { UInt8(truncatingIfNeeded: $0 * 37) }
        let bytes = [0, 0x38, 0, 0x34] + packed.map { UInt8($0) } + quants  // d = 0.5, d' = 0.25
        let expected = (0..<256).map { index -> Float in
            let group = index / 32
            let byte = quants[group / 2 * 32 + index % 32]
            let q = group % 2 == 0 ? byte & 15 : byte >> 4
            return 0.5 * Float(scales[group]) * Float(q) - 0.25 * Float(minima[group])
        }
        #expect(Reference.dequantized(bytes, .q4_K) == expected)
    }

    @Test("a block of Q6_K: sixteen groups with signed scales")
    func superblock6() {
        // Number i is (i · 7) mod 64 − 32, scale of group g is g · 9 − 70.
        let numbers = (0..<256).map { $0 * 7 % 64 }
        let scales = (0..<16).map { $0 * 9 - 70 }
        var low = [Int](repeating: 0, count: 128)
        var high = [Int](repeating: 0, count: 64)
        for (index, number) in numbers.enumerated() {
            let (half, quarter, l) = (index / 128, index % 128 / 32, index % 32)
            low[64 * half + 32 * (quarter % 2) + l] |= (number & 15) << (quarter < 2 ? 0 : 4)
            high[32 * half + l] |= (number >> 4) << (2 * quarter)
        }
        let bytes =
            low.map { UInt8($0) } + high.map { UInt8($0) } + scales.map { UInt8(bitPattern: Int8($0)) } + [0, 0x38]
        let expected = numbers.enumerated().map { 0.5 * Float(scales[$0 / 16]) * Float($1 - 32) }
        #expect(Reference.dequantized(bytes, .q6_K) == expected)
    }
}
