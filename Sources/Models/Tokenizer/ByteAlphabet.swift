/// The printable characters by which byte-level vocabularies write bytes (GPT-2, `encoder.py`, `bytes_to_unicode`): printable
/// Latin-1 characters stand for themselves, the other 68 bytes for U+0100 onwards.
enum ByteAlphabet {
    /// The UTF-8 of each byte's character.
    static let utf8: [[UInt8]] = scalars.map { Array(String(Character($0)).utf8) }

    private static let scalars: [Unicode.Scalar] = {
        var next: UInt8 = 0
        return (0...255).map { (byte: UInt8) in
            if isPrintable(byte) { return Unicode.Scalar(byte) }
            defer { next += 1 }
            // At most U+0143.
            return Unicode.Scalar(UInt16(0x100) + UInt16(next)) ?? Unicode.Scalar(byte)
        }
    }()

    /// The byte of each character up to U+0143.
    private static let bytes: [UInt8?] = {
        var bytes = [UInt8?](repeating: nil, count: 0x144)
        for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar.value)] = UInt8(byte) }
        return bytes
    }()

    private static func isPrintable(_ byte: UInt8) -> Bool {
        (33...126).contains(byte) || (161...172).contains(byte) || byte >= 174
    }

    /// The bytes that a token's text stands for. Characters outside of the alphabet stand for themselves.
    static func decode(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count)
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            if scalar.value < 0x144, let byte = bytes[Int(scalar.value)] {
                decoded.append(byte)
            } else {
                decoded += Array(String(Character(scalar)).utf8)
            }
        }
        return decoded
    }
}
