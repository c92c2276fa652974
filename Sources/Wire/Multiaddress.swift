/// A path of protocols to a peer, e.g. `/ip4/127.0.0.1/tcp/4001/p2p/12D3KooW…` (multiformats multiaddr).
///
/// Every accepted text has one binary form and every accepted binary form has one text; they read back as the same value.
package struct Multiaddress: Hashable, Sendable, CustomStringConvertible {
    /// The longest binary form accepted, in bytes: a relay path with two peers has about 110.
    package static let byteLimit = 1024
    /// The most components accepted: a relay path has about ten.
    package static let componentLimit = 32

    package let components: [Component]

    /// - Throws: ``WireError/tooLong(length:limit:)`` or ``WireError/invalid(_:)`` for no components or misplaced ones.
    package init(_ components: [Component]) throws(WireError) {
        guard components.count <= Self.componentLimit else {
            throw .tooLong(length: UInt64(components.count), limit: UInt64(Self.componentLimit))
        }
        guard !components.isEmpty else { throw .invalid("an address without components") }
        guard !components.dropLast().contains(where: { $0.kind == .unix }) else {
            throw .invalid("a component after the path of a unix socket")
        }
        self.components = components
        guard bytes.count <= Self.byteLimit else {
            throw .tooLong(length: UInt64(bytes.count), limit: UInt64(Self.byteLimit))
        }
    }

    package init(bytes: [UInt8]) throws(WireError) {
        guard bytes.count <= Self.byteLimit else {
            throw .tooLong(length: UInt64(bytes.count), limit: UInt64(Self.byteLimit))
        }
        var reader = ByteReader(bytes)
        var components: [Component] = []
        while reader.remaining > 0 {
            guard components.count < Self.componentLimit else {
                throw .tooLong(length: UInt64(components.count) + 1, limit: UInt64(Self.componentLimit))
            }
            components.append(try Component(from: &reader))
        }
        try self.init(components)
    }

    /// The binary form, without a length.
    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 48)
        for component in components { component.encode(into: &writer) }
        return writer.bytes
    }

    /// Adds `component` to the end.
    package func appending(_ component: Component) throws(WireError) -> Multiaddress {
        try Multiaddress(components + [component])
    }

    /// Removes the last occurrence of `suffix` and everything after it.
    /// - Returns: this address when `suffix` does not occur; nil when nothing is left.
    package func decapsulating(_ suffix: Multiaddress) -> Multiaddress? {
        let width = suffix.components.count
        guard width <= components.count else { return self }
        for start in stride(from: components.count - width, through: 0, by: -1)
        where Array(components[start..<start + width]) == suffix.components {
            return try? Multiaddress(Array(components[..<start]))
        }
        return self
    }

    /// The value of the first component of `kind`.
    package func first(_ kind: Component.Kind) -> Component? { components.first { $0.kind == kind } }

    /// The host to connect a socket to: the text of an IP address or a name. Nil unless the address begins with one.
    package var host: String? {
        switch components[0].kind {
        case .ip4, .ip6, .dns, .dns4, .dns6: components[0].valueText
        default: nil
        }
    }

    /// The TCP port that directly follows the host.
    package var tcpPort: UInt16? { components.count > 1 ? components[1].port(of: .tcp) : nil }
    /// The UDP port that directly follows the host.
    package var udpPort: UInt16? { components.count > 1 ? components[1].port(of: .udp) : nil }

    /// Whether a relay is part of the path.
    package var isRelayed: Bool { components.contains { $0.kind == .p2pCircuit } }

    /// The multihash of the peer at the end of the path; nil when the last component is no `/p2p`.
    package var peerMultihash: [UInt8]? {
        guard let last = components.last, last.kind == .p2p else { return nil }
        return last.value
    }
}

extension Multiaddress: Canonical {
    package func encode(into writer: inout ByteWriter) { writer.writePrefixed(bytes) }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> Multiaddress {
        try Multiaddress(bytes: reader.readPrefixed(limit: byteLimit))
    }
}
