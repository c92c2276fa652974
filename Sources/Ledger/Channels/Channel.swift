package import Keys
package import Wire

/// What a payer offers when it opens a payment channel. The id of the channel is the id of the transaction that opens it.
package struct ChannelTerms: Hashable, Sendable, Canonical {
    /// Who is paid.
    package var payee: AccountID
    /// The key that signs the vouchers; it stays the same for the life of the channel, whatever becomes of node keys.
    package var signer: PublicKey
    package var deposit: Amount
    /// The height at which what is left goes back to the payer.
    package var expiry: UInt64

    package init(payee: AccountID, signer: PublicKey, deposit: Amount, expiry: UInt64) {
        self.payee = payee
        self.signer = signer
        self.deposit = deposit
        self.expiry = expiry
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(payee)
        writer.write(signer)
        writer.write(deposit)
        writer.write(expiry)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> ChannelTerms {
        ChannelTerms(
            payee: try reader.read(), signer: try reader.read(), deposit: try reader.read(),
            expiry: try reader.readUInt64())
    }
}

/// Money that one account has set aside for another, paid out against vouchers.
package struct Channel: Hashable, Sendable, Canonical {
    package var payer: AccountID
    package var payee: AccountID
    package var signer: PublicKey
    /// Everything that was ever put in.
    package var deposit: Amount
    /// Everything that was ever taken out, the shares of the network included. Never more than the deposit.
    package var claimed: Amount
    /// The height at which the rest goes back: the expiry, or the end of the payee's time after the payer closed.
    package var end: UInt64
    /// The payer has closed; the payee may still claim until the end.
    package var isClosing: Bool

    /// What vouchers can still take.
    package var rest: Amount { deposit - claimed }

    package func encode(into writer: inout ByteWriter) {
        writer.write(payer)
        writer.write(payee)
        writer.write(signer)
        writer.write(deposit)
        writer.write(claimed)
        writer.write(end)
        writer.write(isClosing)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> Channel {
        let channel = Channel(
            payer: try reader.read(), payee: try reader.read(), signer: try reader.read(), deposit: try reader.read(),
            claimed: try reader.read(), end: try reader.readUInt64(), isClosing: try reader.readBool())
        guard channel.claimed <= channel.deposit else { throw .invalid("more was claimed than deposited") }
        return channel
    }
}
