internal import Wire

/// Thirty-two bytes held in place, as four big-endian words: comparing words compares the bytes.
struct Bytes32: Hashable, Comparable, Sendable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    static let zero = Bytes32(words: (0, 0, 0, 0))

    init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// - Returns: nil unless there are exactly 32 bytes.
    init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        unsafe self.init { (target: UnsafeMutablePointer<UInt8>) in
            for index in 0..<32 { unsafe target[index] = bytes[index] }
        }
    }

    /// Calls `fill` with room for 32 bytes, which it must write.
    init(_ fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        var raw: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        unsafe withUnsafeMutableBytes(of: &raw) { buffer in
            // Four words are 32 bytes, so there is a base address, and bytes may be bound anywhere.
            if let base = buffer.baseAddress { unsafe fill(base.assumingMemoryBound(to: UInt8.self)) }
        }
        words = (raw.0.bigEndian, raw.1.bigEndian, raw.2.bigEndian, raw.3.bigEndian)
    }

    /// Lends the 32 bytes without a copy on the heap.
    func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
        let raw = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
        unsafe withUnsafeBytes(of: raw) { unsafe body($0) }
    }

    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 32)
        encode(into: &writer)
        return writer.bytes
    }

    /// Bit `index` of the 256, the most significant first.
    func bit(_ index: Int) -> Bool {
        let word =
            switch index >> 6 {
            case 0: words.0
            case 1: words.1
            case 2: words.2
            default: words.3
            }
        return (word >> UInt64(63 - (index & 63))) & 1 == 1
    }

    func encode(into writer: inout ByteWriter) {
        writer.write(words.0)
        writer.write(words.1)
        writer.write(words.2)
        writer.write(words.3)
    }

    static func == (left: Bytes32, right: Bytes32) -> Bool { left.words == right.words }
    static func < (left: Bytes32, right: Bytes32) -> Bool { left.words < right.words }

    /// All words: whoever sends us values chooses them, and could otherwise make many with one hash.
    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}

extension Bytes32 {
    init(from reader: inout ByteReader) throws(WireError) {
        guard reader.remaining >= 32 else { throw .truncated(needed: 32, available: reader.remaining) }
        self.init(
            words: (
                try reader.readUInt64(), try reader.readUInt64(), try reader.readUInt64(), try reader.readUInt64()
            ))
    }
}
