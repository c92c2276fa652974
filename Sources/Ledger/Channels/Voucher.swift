package import Keys
package import Wire

/// What a payer owes through a channel in all, since it was opened. A later voucher says more, never less, so the payee needs only the last
/// one: a voucher that is lost, repeated or out of order changes nothing.
package struct Voucher: Hashable, Sendable, Canonical {
    /// The id of the channel covers its chain: a voucher counts on one chain for one channel.
    package var channel: Digest
    /// Cumulative.
    package var amount: Amount

    package init(channel: Digest, amount: Amount) {
        self.channel = channel
        self.amount = amount
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(channel)
        writer.write(amount)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> Voucher {
        Voucher(channel: try reader.read(), amount: try reader.read())
    }
}

/// A voucher with the signature of the channel's key.
package struct SignedVoucher: Hashable, Sendable, Canonical {
    package let voucher: Voucher
    package let signature: Signature

    private static let purpose: Purpose = "voucher"

    package init(voucher: Voucher, signature: Signature) {
        self.voucher = voucher
        self.signature = signature
    }

    package static func sign(_ voucher: Voucher, with key: SigningKey) -> SignedVoucher {
        SignedVoucher(voucher: voucher, signature: key.sign(voucher.canonicalBytes, for: purpose))
    }

    /// Whether `key` signed it; the key that counts is ``Channel/signer``.
    package func isSigned(by key: PublicKey) -> Bool {
        key.verifies(signature, of: voucher.canonicalBytes, for: Self.purpose)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(voucher)
        writer.write(signature)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> SignedVoucher {
        SignedVoucher(voucher: try reader.read(), signature: try reader.read())
    }
}
