import Foundation
import Keys
import Testing
import Wire

/// Repository root, from the place of this file.
let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fixtures")

func fixture<Value: Decodable>(_ path: String, as type: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(type, from: Data(contentsOf: fixtures.appending(path: path)))
}

func hex(_ text: String) throws -> [UInt8] { try #require(Hex.decode(text)) }

func flip(_ bytes: [UInt8], _ bit: Int) -> [UInt8] {
    var copy = bytes
    copy[bit / 8] ^= 1 << UInt8(bit % 8)
    return copy
}

/// A signing key whose seed is one byte repeated.
func testKey(_ byte: UInt8) throws -> SigningKey {
    try #require(SigningKey(seed: [UInt8](repeating: byte, count: 32)))
}

func testDigest(_ byte: UInt8) throws -> Digest { try #require(Digest(bytes: [UInt8](repeating: byte, count: 32))) }

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
        let changed = flip(bytes, bit)
        guard let other = try? Value(canonicalBytes: changed) else { continue }
        #expect(other != value, "bit \(bit) changes nothing", sourceLocation: sourceLocation)
        #expect(other.canonicalBytes == changed, "bit \(bit) is not canonical", sourceLocation: sourceLocation)
    }
}
