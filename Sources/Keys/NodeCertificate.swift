package import Wire

/// An account's statement that a node key acts for it, for at most 90 days. Rotation = a new certificate.
package struct NodeCertificate: Canonical, Hashable {
    /// 90 days in seconds.
    package static let longestLife: UInt64 = 90 * 24 * 60 * 60

    package let account: AccountID
    /// The node key; its ``PeerID`` is the node's name.
    package let node: PublicKey
    /// Start of the validity, in Unix seconds, inclusive.
    package let issued: UInt64
    /// End of the validity, in Unix seconds, exclusive; at most ``longestLife`` after ``issued``.
    package let expires: UInt64
    /// By the account key, over everything else.
    package let signature: Signature

    /// Signs a certificate with the account key.
    /// - Parameters:
    ///   - issued: in Unix seconds.
    ///   - life: in seconds, at most ``longestLife``, which is the default.
    package static func issue(
        by account: SigningKey, for node: PublicKey, issued: UInt64, life: UInt64 = longestLife
    ) -> NodeCertificate {
        precondition(life <= longestLife && issued <= UInt64.max - life, "a certificate lives at most 90 days")
        let id = AccountID(account.publicKey)
        let signed = signedBytes(account: id, node: node, issued: issued, expires: issued + life)
        return NodeCertificate(
            account: id, node: node, issued: issued, expires: issued + life,
            signature: account.sign(signed, for: purpose))
    }

    package init(account: AccountID, node: PublicKey, issued: UInt64, expires: UInt64, signature: Signature) {
        self.account = account
        self.node = node
        self.issued = issued
        self.expires = expires
        self.signature = signature
    }

    /// Whether the account signed this, the life is within the limit, and `time` (Unix seconds) is within the life.
    package func isValid(at time: UInt64) -> Bool {
        guard issued <= time, time < expires, expires - issued <= Self.longestLife else { return false }
        let signed = Self.signedBytes(account: account, node: node, issued: issued, expires: expires)
        return account.key.verifies(signature, of: signed, for: Self.purpose)
    }

    private static let purpose: Purpose = "node certificate"

    private static func signedBytes(account: AccountID, node: PublicKey, issued: UInt64, expires: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: 80)
        writer.write(account)
        writer.write(node)
        writer.write(issued)
        writer.write(expires)
        return writer.bytes
    }

    package func encode(into writer: inout ByteWriter) {
        writer.writeRaw(Self.signedBytes(account: account, node: node, issued: issued, expires: expires))
        writer.write(signature)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> NodeCertificate {
        NodeCertificate(
            account: try reader.read(), node: try reader.read(), issued: try reader.readUInt64(),
            expires: try reader.readUInt64(), signature: try reader.read())
    }
}
