/// Base64 with the URL alphabet and without padding (RFC 4648 section 5, multibase `u`), for certificate hashes.
package enum Base64URL {
    private static let alphabet = BitAlphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

    package static func encode(_ bytes: some Sequence<UInt8>) -> String { alphabet.encode(bytes) }
    /// - Returns: nil unless `text` is what ``encode(_:)`` writes for some bytes.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? { alphabet.decode(text) }
}
