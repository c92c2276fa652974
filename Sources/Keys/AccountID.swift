package import Wire

/// An account: the Ed25519 root key that owns balance, stake and reputation.
package struct AccountID: Hashable, Comparable, Sendable, Canonical, CustomStringConvertible {
    /// Text of an account begins with `ban1`.
    package static let prefix = "ban"

    package let key: PublicKey
    package init(_ key: PublicKey) { self.key = key }

    /// Reads the bech32m text `ban1…` (BIP-350); a wrong character is found by the checksum.
    /// - Returns: nil when `text` is no account.
    package init?(_ text: some StringProtocol) {
        guard let (prefix, bytes) = Bech32m.decode(text), prefix == Self.prefix, let key = PublicKey(bytes: bytes)
        else { return nil }
        self.key = key
    }

    package var description: String { Bech32m.encode(prefix: Self.prefix, key.bytes) }
    /// The prefix and eight characters, for people.
    package var short: String { String(description.prefix(12)) }

    package static func < (left: AccountID, right: AccountID) -> Bool { left.key < right.key }
    package func encode(into writer: inout ByteWriter) { writer.write(key) }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> AccountID {
        AccountID(try reader.read())
    }
}
