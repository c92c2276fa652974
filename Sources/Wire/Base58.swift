/// Base58 with the Bitcoin alphabet (multibase `z`), the text form of peer ids.
package enum Base58 {
    package static func encode(_ bytes: [UInt8]) -> String {
        let zeros = bytes.prefix { $0 == 0 }.count
        var digits: [UInt8] = []  // Base 58, least significant first.
        for byte in bytes.dropFirst(zeros) {
            var carry = Int(byte)
            for index in digits.indices {
                carry += Int(digits[index]) << 8
                digits[index] = UInt8(carry % 58)
                carry /= 58
            }
            while carry > 0 {
                digits.append(UInt8(carry % 58))
                carry /= 58
            }
        }
        let text = [UInt8](repeating: alphabet[0], count: zeros) + digits.reversed().map { alphabet[Int($0)] }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Parameter limit: the most characters accepted; decoding takes time quadratic in the length.
    /// - Returns: nil when `text` is longer than `limit` or has a character outside the alphabet.
    package static func decode(_ text: some StringProtocol, limit: Int = 256) -> [UInt8]? {
        var bytes: [UInt8] = []  // Base 256, least significant first.
        var zeros = 0
        var count = 0
        for character in text.utf8 {
            count += 1
            guard count <= limit, character < 128 else { return nil }
            let value = values[Int(character)]
            guard value != none else { return nil }
            if value == 0, bytes.isEmpty {
                zeros += 1
                continue
            }
            var carry = Int(value)
            for index in bytes.indices {
                carry += Int(bytes[index]) * 58
                bytes[index] = UInt8(carry & 0xff)
                carry >>= 8
            }
            while carry > 0 {
                bytes.append(UInt8(carry & 0xff))
                carry >>= 8
            }
        }
        return [UInt8](repeating: 0, count: zeros) + bytes.reversed()
    }

    private static let none: UInt8 = 0xff
    private static let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: none, count: 128)
        for (value, character) in alphabet.enumerated() { table[Int(character)] = UInt8(value) }
        return table
    }()
}
