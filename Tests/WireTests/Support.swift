import Foundation
import Testing
import Wire

/// Repository root, from the place of this file.
let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures")

/// SplitMix64: small, seeded, good enough to choose test inputs.
struct TestGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}

func hex(_ text: String) throws -> [UInt8] { try #require(Hex.decode(text)) }

/// Every truncation and every changed bit of `value`'s encoding is refused or is the encoding of what it decodes to.
func expectCanonical<Value: Canonical & Equatable>(
    _ value: Value, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let bytes = value.canonicalBytes
    #expect(try Value(canonicalBytes: bytes) == value, sourceLocation: sourceLocation)
    #expect(throws: WireError.self, sourceLocation: sourceLocation) { try Value(canonicalBytes: bytes + [0]) }
    for length in bytes.indices {
        #expect(throws: WireError.self, "\(length) of \(bytes.count) bytes", sourceLocation: sourceLocation) {
            try Value(canonicalBytes: Array(bytes[..<length]))
        }
    }
    for bit in 0..<bytes.count * 8 {
        var changed = bytes
        changed[bit / 8] ^= 1 << UInt8(bit % 8)
        guard let other = try? Value(canonicalBytes: changed) else { continue }
        #expect(other != value, "bit \(bit) changes nothing", sourceLocation: sourceLocation)
        #expect(other.canonicalBytes == changed, "bit \(bit) is not canonical", sourceLocation: sourceLocation)
    }
}
