/// Text with a readable prefix and a checksum that finds up to four wrong characters (BIP-350).
package enum Bech32m {
    /// The longest text of the standard.
    package static let limit = 90

    /// - Parameters:
    ///   - prefix: 1–83 characters of printable ASCII without upper case.
    ///   - bytes: the payload; the whole text must stay within ``limit`` characters.
    package static func encode(prefix: String, _ bytes: [UInt8]) -> String {
        encode(prefix: prefix, words: BitRegrouper.words(of: bytes, width: 5))
    }

    /// - Returns: the prefix in lower case and the bytes, or nil when the checksum, alphabet, case, length or padding is wrong.
    package static func decode(_ text: some StringProtocol) -> (prefix: String, bytes: [UInt8])? {
        guard let (prefix, words) = decodeWords(text) else { return nil }
        return BitRegrouper.bytes(of: words, width: 5).map { (prefix, $0) }
    }

    /// Encodes five-bit words.
    package static func encode(prefix: String, words: [UInt8]) -> String {
        let check = polymod(expand(Array(prefix.utf8)) + words + [UInt8](repeating: 0, count: 6)) ^ constant
        let checksum = (0..<6).map { UInt8(truncatingIfNeeded: check >> UInt32(5 * (5 - $0))) & 31 }
        let text = Array(prefix.utf8) + [UInt8(ascii: "1")] + (words + checksum).map { alphabet[Int($0)] }
        return String(decoding: text, as: UTF8.self)
    }

    /// Decodes to five-bit words, for payloads that are not whole bytes.
    package static func decodeWords(_ text: some StringProtocol) -> (prefix: String, words: [UInt8])? {
        let characters = Array(text.utf8)
        guard characters.count <= limit, characters.allSatisfy({ (33...126).contains($0) }) else { return nil }
        let hasLower = characters.contains { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
        let hasUpper = characters.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        guard !(hasLower && hasUpper) else { return nil }
        let folded = hasUpper ? characters.map { (65...90).contains($0) ? $0 + 32 : $0 } : characters
        guard let separator = folded.lastIndex(of: UInt8(ascii: "1")), separator >= 1,
            folded.count - separator - 1 >= 6
        else { return nil }
        let prefix = Array(folded[..<separator])
        var words: [UInt8] = []
        for character in folded[(separator + 1)...] {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            words.append(UInt8(value))
        }
        guard polymod(expand(prefix) + words) == constant else { return nil }
        return (String(decoding: prefix, as: UTF8.self), Array(words.dropLast(6)))
    }

    private static let constant: UInt32 = 0x2bc8_30a3
    private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)

    private static func expand(_ prefix: [UInt8]) -> [UInt8] { prefix.map { $0 >> 5 } + [0] + prefix.map { $0 & 31 } }

    private static func polymod(_ words: [UInt8]) -> UInt32 {
        let generator: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
        var check: UInt32 = 1
        for word in words {
            let top = check >> 25
            check = (check & 0x1ff_ffff) << 5 ^ UInt32(word)
            for (bit, value) in generator.enumerated() where top >> UInt32(bit) & 1 == 1 { check ^= value }
        }
        return check
    }
}
