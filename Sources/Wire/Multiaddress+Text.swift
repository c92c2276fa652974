extension Multiaddress {
    /// - Returns: nil when `text` is no address; ``init(parsing:)`` says why.
    package init?(_ text: some StringProtocol) {
        guard let address = try? Multiaddress(parsing: String(text)) else { return nil }
        self = address
    }

    /// Reads the text form.
    /// - Throws: ``WireError/invalid(_:)`` that names the part which is wrong.
    package init(parsing text: String) throws(WireError) {
        guard text.utf8.count <= 4 * Self.byteLimit else {
            throw .tooLong(length: UInt64(text.utf8.count), limit: UInt64(4 * Self.byteLimit))
        }
        // By bytes, not by characters: a slash and an accent after it are one character.
        var rest = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }[...]
        guard rest.popFirst() == "" else { throw .invalid("an address begins with '/', not '\(text.prefix(16))'") }
        if rest.last == "" { rest.removeLast() }  // A final slash means nothing.
        var components: [Component] = []
        while let name = rest.popFirst() {
            guard let kind = Component.Kind(name: name) else {
                throw .invalid("'/\(name.prefix(32))' is no known address protocol")
            }
            if case .fixed(0) = kind.shape {
                components.append(try Component(kind))
            } else if kind == .unix {
                components.append(try Component(.unix, Array(("/" + rest.joined(separator: "/")).utf8)))
                rest.removeAll()
            } else {
                guard let text = rest.popFirst() else { throw .invalid("'/\(name)' needs a value") }
                guard let value = kind.value(of: text) else {
                    throw .invalid("'\(text.prefix(80))' is no value for '/\(name)'")
                }
                components.append(try Component(kind, value))
            }
        }
        try self.init(components)
    }

    package var description: String { components.map(\.description).joined() }
}

extension Multiaddress.Component: CustomStringConvertible {
    /// The text of the value alone.
    package var valueText: String {
        switch kind {
        case .ip4, .ip6: IPAddress.text(value)
        case .tcp, .udp, .dccp, .sctp, .memory, .ipcidr: String(value.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        case .p2p: Base58.encode(value)
        case .certhash: "u" + Base64URL.encode(value)
        case .onion3: Base32.encode(value[..<35]) + ":" + String(UInt16(value[35]) << 8 | UInt16(value[36]))
        case .httpPath: PercentEncoding.encode(value)
        default: String(decoding: value, as: UTF8.self)
        }
    }

    package var description: String {
        if case .fixed(0) = kind.shape { return "/" + kind.name }
        return "/" + kind.name + (kind == .unix ? valueText : "/" + valueText)
    }
}

extension Multiaddress.Component.Kind {
    package var name: String {
        switch self {
        case .webrtcDirect: "webrtc-direct"
        case .p2pCircuit: "p2p-circuit"
        case .quicV1: "quic-v1"
        case .httpPath: "http-path"
        default: "\(self)"
        }
    }

    init?(name: String) {
        if name == "ipfs" {
            self = .p2p
        } else if let kind = Self.byName[name] {
            self = kind
        } else {
            return nil
        }
    }

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.name, $0) })

    /// The binary value of `text`; nil when it is none.
    fileprivate func value(of text: String) -> [UInt8]? {
        switch self {
        case .ip4: IPAddress.parse4(text)
        case .ip6: IPAddress.parse6(text)
        case .ipcidr: Decimal.parse(text, as: UInt8.self).map { [$0] }
        case .tcp, .udp, .dccp, .sctp: Decimal.parse(text, as: UInt16.self).map { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
        case .memory: Decimal.parse(text, as: UInt64.self).map(\.canonicalBytes)
        case .p2p: peerHash(text)
        case .certhash: text.hasPrefix("u") ? Base64URL.decode(text.dropFirst()) : nil
        case .onion3: onion(text)
        case .httpPath: PercentEncoding.decode(text)
        default: Array(text.utf8)
        }
    }

    /// A peer as base58 multihash or as the text of a CID with the codec `libp2p-key`.
    private func peerHash(_ text: String) -> [UInt8]? {
        if text.hasPrefix("1") || text.hasPrefix("Qm") { return Base58.decode(text) }
        guard let cid = CID(text), cid.version == 1, cid.codec == CID.Codec.libp2pKey else { return nil }
        return cid.hash.bytes
    }

    private func onion(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let key = Base32.decode(parts[0]), key.count == 35,
            let port = Decimal.parse(parts[1], as: UInt16.self)
        else { return nil }
        return key + [UInt8(port >> 8), UInt8(port & 0xff)]
    }
}

/// Percent encoding of everything outside the unreserved characters of RFC 3986.
private enum PercentEncoding {
    static func encode(_ bytes: [UInt8]) -> String {
        bytes.map { isUnreserved($0) ? String(UnicodeScalar($0)) : "%" + Hex.encode([$0]).uppercased() }.joined()
    }

    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let character = rest.popFirst() {
            if character == UInt8(ascii: "%") {
                guard rest.count >= 2, let byte = Hex.decode(String(decoding: rest.prefix(2), as: UTF8.self)) else {
                    return nil
                }
                bytes += byte
                rest = rest.dropFirst(2)
            } else {
                bytes.append(character)
            }
        }
        return bytes
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e: true
        default: false
        }
    }
}
