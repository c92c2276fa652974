/// Base32 in lower case without padding (RFC 4648 section 6, multibase `b`).
package enum Base32 {
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var bits = BitRegrouper(from: 8, to: 5)
        for byte in bytes { bits.push(byte) { text.append(alphabet[Int($0)]) } }
        if let rest = bits.padded { text.append(alphabet[Int(rest)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Returns: nil unless `text` is what ``encode(_:)`` writes for some bytes: upper case, padding, a lone last
    ///   character and non-zero trailing bits are refused.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits = BitRegrouper(from: 5, to: 8)
        for character in text.utf8 {
            let value: UInt8
            switch character {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a")
            case UInt8(ascii: "2")...UInt8(ascii: "7"): value = character - UInt8(ascii: "2") + 26
            default: return nil
            }
            bits.push(value) { bytes.append($0) }
        }
        return bits.endsCleanly ? bytes : nil
    }

    private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
}
