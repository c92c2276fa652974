/// Base32 in lower case without padding (RFC 4648 section 6, multibase `b`).
package enum Base32 {
    private static let alphabet = BitAlphabet("abcdefghijklmnopqrstuvwxyz234567")

    package static func encode(_ bytes: some Sequence<UInt8>) -> String { alphabet.encode(bytes) }
    /// - Returns: nil unless `text` is what ``encode(_:)`` writes for some bytes; upper case is refused.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? { alphabet.decode(text) }
}
