package import Keys
package import Wire

/// What a provider tells everybody: which models it answers with, for how much, and where it is.
///
/// Signed by the node key; the certificate says for which account that key acts.
package struct Announcement: Hashable, Sendable, Canonical {
    /// In bytes, for the topic: 16 models and 8 addresses stay far below.
    package static let byteLimit = 8 << 10
    package static let addressLimit = 8
    /// In milliseconds. A provider that is gone is forgotten after so long, whatever it said.
    package static let longestLife: UInt64 = 120_000

    package let certificate: NodeCertificate
    /// Of two announcements of one node the one with the higher number counts.
    package let sequence: UInt64
    /// End of the validity, in milliseconds since 1970.
    package let expires: UInt64
    package let addresses: [Multiaddress]
    /// No offers: the provider is leaving.
    package let offers: [Offer]
    package let signature: Signature

    package var peer: PeerID { PeerID(certificate.node) }
    package var account: AccountID { certificate.account }

    package enum Fault: Error, Hashable, Sendable {
        /// The certificate is not valid now, or the node key did not sign.
        case forged
        /// Over, or valid for longer than ``longestLife``.
        case badLife(expires: UInt64)
    }

    /// - Parameter key: the node key of the certificate.
    package init(
        certificate: NodeCertificate, sequence: UInt64, expires: UInt64, addresses: [Multiaddress], offers: [Offer],
        by key: SigningKey
    ) {
        precondition(key.publicKey == certificate.node, "an announcement is signed by the key of its certificate")
        let addresses = Array(addresses.prefix(Self.addressLimit))
        let offers = Array(offers.prefix(Offer.limit))
        let signed = Self.signedBytes(certificate, sequence, expires, addresses, offers)
        self.init(
            certificate: certificate, sequence: sequence, expires: expires, addresses: addresses, offers: offers,
            signature: key.sign(signed, for: Self.purpose))
    }

    private init(
        certificate: NodeCertificate, sequence: UInt64, expires: UInt64, addresses: [Multiaddress], offers: [Offer],
        signature: Signature
    ) {
        self.certificate = certificate
        self.sequence = sequence
        self.expires = expires
        self.addresses = addresses
        self.offers = offers
        self.signature = signature
    }

    /// Checks signatures and life.
    /// - Parameter time: in milliseconds since 1970.
    package func check(at time: UInt64) throws(Fault) {
        guard expires > time, expires - time <= Self.longestLife else { throw .badLife(expires: expires) }
        let signed = Self.signedBytes(certificate, sequence, expires, addresses, offers)
        guard certificate.isValid(at: time / 1000),
            certificate.node.verifies(signature, of: signed, for: Self.purpose)
        else { throw .forged }
    }

    private static let purpose: Purpose = "provider announcement"

    private static func signedBytes(
        _ certificate: NodeCertificate, _ sequence: UInt64, _ expires: UInt64, _ addresses: [Multiaddress],
        _ offers: [Offer]
    ) -> [UInt8] {
        var writer = ByteWriter(capacity: 1024)
        writer.write(certificate)
        writer.write(sequence)
        writer.write(expires)
        writer.writeVarint(UInt64(addresses.count))
        for address in addresses { writer.writePrefixed(address.bytes) }
        writer.write(list: offers)
        return writer.bytes
    }

    package func encode(into writer: inout ByteWriter) {
        writer.writeRaw(Self.signedBytes(certificate, sequence, expires, addresses, offers))
        writer.write(signature)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Announcement {
        let certificate: NodeCertificate = try reader.read()
        let (sequence, expires) = (try reader.readUInt64(), try reader.readUInt64())
        let count = try reader.readVarint()
        guard count <= UInt64(addressLimit) else { throw .tooLong(length: count, limit: UInt64(addressLimit)) }
        var addresses: [Multiaddress] = []
        for _ in 0..<count {
            let bytes = try reader.readPrefixed(limit: Multiaddress.byteLimit)
            let address = try Multiaddress(bytes: bytes)
            guard address.bytes == bytes else { throw .invalid("an address in another form than its only one") }
            addresses.append(address)
        }
        return Announcement(
            certificate: certificate, sequence: sequence, expires: expires, addresses: addresses,
            offers: try reader.readList(limit: Offer.limit), signature: try reader.read())
    }
}
