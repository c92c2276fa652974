package import Keys
package import Wire

/// An operation that its sender has signed, valid on one chain, once.
package struct Transaction: Hashable, Sendable, Canonical {
    /// Digest of the genesis: a transaction of another chain never verifies.
    package let chain: Digest
    package let sender: AccountID
    /// The sender's root key, or its registered node key for work (``Operation/isWork``).
    package let signer: PublicKey
    /// One more than that of the signer's transaction before; the first is 1.
    package let nonce: UInt64
    package let fee: Amount
    package let operation: Operation
    package let signature: Signature

    private static let purpose: Purpose = "transaction"

    package static func sign(
        _ operation: Operation, chain: Digest, sender: AccountID, nonce: UInt64, fee: Amount, with key: SigningKey
    ) -> Transaction {
        let signed = signedBytes(
            chain: chain, sender: sender, signer: key.publicKey, nonce: nonce, fee: fee, operation: operation)
        return Transaction(
            chain: chain, sender: sender, signer: key.publicKey, nonce: nonce, fee: fee, operation: operation,
            signature: key.sign(signed, for: purpose))
    }

    package init(
        chain: Digest, sender: AccountID, signer: PublicKey, nonce: UInt64, fee: Amount, operation: Operation,
        signature: Signature
    ) {
        self.chain = chain
        self.sender = sender
        self.signer = signer
        self.nonce = nonce
        self.fee = fee
        self.operation = operation
        self.signature = signature
    }

    /// Digest of everything including the signature: names the transaction.
    package var id: Digest { digest("transaction-id") }

    package var hasValidSignature: Bool {
        let signed = Self.signedBytes(
            chain: chain, sender: sender, signer: signer, nonce: nonce, fee: fee, operation: operation)
        return signer.verifies(signature, of: signed, for: Self.purpose)
    }

    private static func signedBytes(
        chain: Digest, sender: AccountID, signer: PublicKey, nonce: UInt64, fee: Amount, operation: Operation
    ) -> [UInt8] {
        var writer = ByteWriter(capacity: 256)
        writer.write(chain)
        writer.write(sender)
        writer.write(signer)
        writer.write(nonce)
        writer.write(fee)
        writer.write(operation)
        return writer.bytes
    }

    package func encode(into writer: inout ByteWriter) {
        writer.writeRaw(
            Self.signedBytes(
                chain: chain, sender: sender, signer: signer, nonce: nonce, fee: fee, operation: operation))
        writer.write(signature)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Transaction {
        Transaction(
            chain: try reader.read(), sender: try reader.read(), signer: try reader.read(),
            nonce: try reader.readUInt64(), fee: try reader.read(), operation: try reader.read(),
            signature: try reader.read())
    }
}
