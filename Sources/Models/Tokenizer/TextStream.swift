/// Turns a stream of bytes into text as it comes: holds back a character until its last byte is there. Bytes that are no
/// UTF-8 become U+FFFD, as `String(decoding:as:)` would have them.
package struct TextStream: Sendable {
    /// At most three bytes of a character that has begun.
    private var pending: [UInt8] = []

    package init() {}

    /// - Returns: what can be said now; may be empty.
    package mutating func append(_ bytes: [UInt8]) -> String {
        pending += bytes
        let complete = pending.count - Self.unfinished(pending)
        defer { pending.removeFirst(complete) }
        return String(decoding: pending[..<complete], as: UTF8.self)
    }

    /// - Returns: U+FFFD when the stream ended inside a character.
    package mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }

    /// Bytes at the end that more bytes may make a character of.
    private static func unfinished(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let tail = bytes.suffix(length)
            guard let first = tail.first else { break }
            if first & 0xc0 == 0x80 { continue }
            let whole = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
            guard (0xc2...0xf4).contains(first), length < whole else { return 0 }
            guard length > 1, let second = tail.dropFirst().first else { return length }
            // Second bytes that no character has: overlong forms, surrogates, beyond U+10FFFF.
            let allowed: ClosedRange<UInt8> =
                switch first {
                case 0xe0: 0xa0...0xbf
                case 0xed: 0x80...0x9f
                case 0xf0: 0x90...0xbf
                case 0xf4: 0x80...0x8f
                default: 0x80...0xbf
                }
            return allowed.contains(second) ? length : 0
        }
        return 0
    }
}
