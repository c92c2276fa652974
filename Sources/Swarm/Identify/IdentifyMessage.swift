internal import Keys
package import Wire

/// The message of `/ipfs/id/1.0.0` and `/ipfs/id/push/1.0.0`: what a peer says of itself. Every field is optional.
package struct IdentifyMessage: Sendable, Hashable {
    package static let protocolID = "/ipfs/id/1.0.0"
    package static let pushProtocolID = "/ipfs/id/push/1.0.0"

    /// Largest message accepted; with a signed record deployed nodes send up to 8 KiB.
    package static let byteLimit = 8192
    /// Largest message sent; rust refuses longer ones.
    package static let sentByteLimit = 4096
    /// Messages of one stream that are merged into one.
    package static let partLimit = 10
    package static let addressLimit = 64
    package static let protocolLimit = 256
    /// Longest protocol id, agent or version taken, in bytes.
    package static let textLimit = 256

    package var publicKey: [UInt8]?
    package var listenAddresses: [Multiaddress]?
    package var protocols: [String]?
    package var observedAddress: Multiaddress?
    package var protocolVersion: String?
    package var agentVersion: String?
    /// A ``SignedPeerRecord``, not yet checked.
    package var signedPeerRecord: [UInt8]?

    package init() {}

    package var bytes: [UInt8] {
        var writer = ProtobufWriter()
        if let publicKey { writer.write(1, bytes: publicKey) }
        for address in listenAddresses ?? [] { writer.write(2, bytes: address.bytes) }
        for protocolID in protocols ?? [] { writer.write(3, string: protocolID) }
        if let observedAddress { writer.write(4, bytes: observedAddress.bytes) }
        if let protocolVersion { writer.write(5, string: protocolVersion) }
        if let agentVersion { writer.write(6, string: agentVersion) }
        if let signedPeerRecord { writer.write(8, bytes: signedPeerRecord) }
        return writer.bytes
    }

    /// Reads one message. Addresses that do not parse, and entries above the limits, are left out one by one.
    package init(bytes: [UInt8]) throws(WireError) {
        guard bytes.count <= Self.byteLimit else {
            throw .tooLong(length: UInt64(bytes.count), limit: UInt64(Self.byteLimit))
        }
        var reader = ProtobufReader(bytes, fieldLimit: 2048)
        while let field = try reader.next() {
            switch field.number {
            case 1: publicKey = try field.bytes(limit: 4096)
            case 2: appendAddress(try field.bytes(limit: Self.byteLimit))
            case 3:
                var list = protocols ?? []
                if list.count < Self.protocolLimit { list.append(try field.string(limit: Self.textLimit)) }
                protocols = list
            case 4: observedAddress = try? Multiaddress(bytes: field.bytes(limit: Self.byteLimit))
            case 5: protocolVersion = try field.string(limit: Self.textLimit)
            case 6: agentVersion = try field.string(limit: Self.textLimit)
            case 8: signedPeerRecord = try field.bytes(limit: SignedPeerRecord.byteLimit)
            default: break
            }
        }
    }

    /// Adds the fields of the next message of the same stream: lists grow, single values are replaced.
    package mutating func merge(_ next: IdentifyMessage) {
        publicKey = next.publicKey ?? publicKey
        observedAddress = next.observedAddress ?? observedAddress
        protocolVersion = next.protocolVersion ?? protocolVersion
        agentVersion = next.agentVersion ?? agentVersion
        signedPeerRecord = next.signedPeerRecord ?? signedPeerRecord
        if let more = next.listenAddresses {
            listenAddresses = Array(((listenAddresses ?? []) + more).prefix(Self.addressLimit))
        }
        if let more = next.protocols {
            protocols = Array(((protocols ?? []) + more).prefix(Self.protocolLimit))
        }
    }

    private mutating func appendAddress(_ bytes: [UInt8]) {
        var list = listenAddresses ?? []
        if list.count < Self.addressLimit, let address = try? Multiaddress(bytes: bytes) {
            list.append(address.withoutPeer)
        }
        listenAddresses = list
    }
}
