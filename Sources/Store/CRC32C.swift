/// The checksum of the journal's records: CRC-32 with Castagnoli's polynomial, reflected (RFC 3720, appendix B.4).
///
/// It finds torn and flipped bytes of a disk. It is no defence against a person.
package struct CRC32C: Sendable {
    private var state: UInt32 = 0xffff_ffff

    package init() {}

    package mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { state = Self.table[Int((state ^ UInt32(byte)) & 0xff)] ^ (state >> 8) }
    }

    package var value: UInt32 { ~state }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? (value >> 1) ^ 0x82f6_3b78 : value >> 1 }
    }
}
