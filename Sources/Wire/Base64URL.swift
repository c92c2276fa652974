/// Base64 with the URL alphabet and without padding (RFC 4648 section 5, multibase `u`), for certificate hashes.
package enum Base64URL {
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var bits = BitRegrouper(from: 8, to: 6)
        for byte in bytes { bits.push(byte) { text.append(alphabet[Int($0)]) } }
        if let rest = bits.padded { text.append(alphabet[Int(rest)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Returns: nil unless `text` is what ``encode(_:)`` writes for some bytes.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits = BitRegrouper(from: 6, to: 8)
        for character in text.utf8 {
            guard let value = value(of: character) else { return nil }
            bits.push(value) { bytes.append($0) }
        }
        return bits.endsCleanly ? bytes : nil
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
