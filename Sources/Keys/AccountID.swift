package import Wire

/// An account: the Ed25519 root key that owns balance, stake and reputation.
package struct AccountID: Hashable, Comparable, Sendable, Canonical {
    package let key: PublicKey
    package init(_ key: PublicKey) { self.key = key }

    package static func < (left: AccountID, right: AccountID) -> Bool { left.key < right.key }
    package func encode(into writer: inout ByteWriter) { writer.write(key) }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> AccountID {
        AccountID(try reader.read())
    }
}
