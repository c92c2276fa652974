import Foundation
import Tensors
import Testing

@Suite("Weights as stored")
struct QuantizedBlockTests {
    private struct Entry: Decodable {
        let bytes: String, floats: String
    }

    /// The bytes of a hexadecimal string.
    private func bytes(_ hexadecimal: String) throws -> [UInt8] {
        let digits = Array(hexadecimal.utf8)
        return try stride(from: 0, to: digits.count, by: 2).map { place in
            try #require(UInt8(String(decoding: digits[place..<place + 2], as: UTF8.self), radix: 16))
        }
    }

    @Test("each type widens to the bits that ggml's own code gives")
    func widened() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Fixtures/ggml/blocks.json")
        let entries = try JSONDecoder().decode([String: Entry].self, from: Data(contentsOf: file))
        #expect(entries.count == WeightType.allCases.count)
        for type in WeightType.allCases {
            let entry = try #require(entries[type.name.uppercased()], "no blocks of \(type)")
            let row = try bytes(entry.bytes)
            #expect(row.count == type.rowBytes(columns: 512))
            let expected = Reference.dequantized(try bytes(entry.floats), .float32)
            #expect(difference(Reference.dequantized(row, type), expected) == nil, "\(type)")
        }
    }

    @Test("a row that is no whole number of blocks has no size")
    func rows() {
        for type in WeightType.allCases where type.isQuantized {
            #expect(type.rowBytes(columns: type.blockLength + 1) == nil && type.rowBytes(columns: 0) == nil)
            #expect(
                type.rowBytes(columns: .max / type.blockLength * type.blockLength) == nil
                    || type.blockBytes <= type.blockLength)
        }
        #expect(WeightType.float32.rowBytes(columns: .max) == nil)
    }

    @Test("activations round half to even, keep the largest at ±127, and vanish below 2^-100")
    func activations() throws {
        var x = [Float](repeating: 0, count: 96)
        x[0] = -127
        x[1] = 0.5
        x[2] = 1.5
        x[3] = -2.5
        x[4] = .nan
        x[32] = 0x1p-101
        x[64] = .infinity
        x[65] = 3
        let blocks = QuantizedActivations.blocks(x)
        #expect(blocks[0].scale == 1 && blocks[0].integers[0...4] == [-127, 0, 2, -2, -127])
        #expect(blocks[1].scale == 0 && blocks[1].integers.allSatisfy { $0 == 0 })
        #expect(blocks[2].scale == .infinity && blocks[2].integers[0...2] == [-127, 0, 0])
        var samples = Samples(3)
        let values = samples.tensor([3200]) { $0.ordinary() }.elements
        for (start, block) in zip(stride(from: 0, to: 3200, by: 32), QuantizedActivations.blocks(values)) {
            for (value, integer) in zip(values[start...], block.integers) {
                #expect(abs(value - block.scale * Float(integer)) <= block.scale * 0.50001)
            }
        }
    }

    @Test("a product in int8 is close to the one in float32, for every type")
    func products() throws {
        var samples = Samples(5)
        let x = samples.tensor([512]) { $0.ordinary() }.elements
        for type in WeightType.allCases where type.isQuantized {
            var row = (0..<512 / type.blockLength * type.blockBytes).map { _ in
                UInt8(truncatingIfNeeded: samples.next())
            }
            for block in 0..<512 / type.blockLength {
                let start = block * type.blockBytes + (type == .q6_K ? 208 : 0)
                for scale in stride(from: start, to: start + (type == .q6_K ? 2 : 4), by: 2) {
                    if scale > start && ![.q4_1, .q5_1, .q4_K].contains(type) { break }
                    (row[scale], row[scale + 1]) = (0, 0x20)
                }
            }
            let exact = Reference.rowProduct(row, type, x), rounded = Reference.rowProduct(row, type, integers: x)
            let size = zip(Reference.dequantized(row, type), x).reduce(0) { $0 + abs($1.0 * $1.1) }
            #expect(exact != rounded && abs(exact - rounded) < size * 0.005, "\(type): \(exact), \(rounded) of \(size)")
        }
    }
}
