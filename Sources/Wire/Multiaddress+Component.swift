extension Multiaddress {
    /// One protocol of a path and its value.
    package struct Component: Hashable, Sendable {
        /// Protocols of the multiformats table that are understood; an address with another one is refused as a whole.
        package enum Kind: UInt64, Hashable, Sendable, CaseIterable {
            case ip4 = 4, tcp = 6, dccp = 33, ip6 = 41, ip6zone = 42, ipcidr = 43
            case dns = 53, dns4 = 54, dns6 = 55, dnsaddr = 56
            case sctp = 132, udp = 273, webrtcDirect = 280, webrtc = 281, p2pCircuit = 290
            case unix = 400, p2p = 421, https = 443, onion3 = 445, tls = 448, sni = 449, noise = 454
            case quic = 460, quicV1 = 461, webtransport = 465, certhash = 466
            case ws = 477, wss = 478, http = 480, httpPath = 481, memory = 777
        }

        package let kind: Kind
        /// The binary value without its length.
        package let value: [UInt8]

        /// - Throws: ``WireError/invalid(_:)`` when `value` is not a value of `kind`.
        package init(_ kind: Kind, _ value: [UInt8] = []) throws(WireError) {
            guard kind.accepts(value) else {
                throw .invalid("/\(kind.name) cannot have the value \(Hex.encode(value.prefix(64)))")
            }
            self.kind = kind
            self.value = value
        }

        init(from reader: inout ByteReader) throws(WireError) {
            let code = try reader.readVarint()
            guard let kind = Kind(rawValue: code) else { throw .unknownTag(code, of: "multiaddress protocol") }
            switch kind.shape {
            case .fixed(let width): try self.init(kind, reader.readRaw(width))
            case .variable: try self.init(kind, reader.readPrefixed(limit: Multiaddress.byteLimit))
            }
        }

        func encode(into writer: inout ByteWriter) {
            writer.writeVarint(kind.rawValue)
            switch kind.shape {
            case .fixed: writer.writeRaw(value)
            case .variable: writer.writePrefixed(value)
            }
        }

        func port(of wanted: Kind) -> UInt16? {
            kind == wanted ? UInt16(value[0]) << 8 | UInt16(value[1]) : nil
        }

        private init(known kind: Kind, _ value: [UInt8]) {
            self.kind = kind
            self.value = value
        }

        package static func tcp(_ port: UInt16) -> Component {
            Component(known: .tcp, [UInt8(port >> 8), UInt8(port & 255)])
        }
        package static func udp(_ port: UInt16) -> Component {
            Component(known: .udp, [UInt8(port >> 8), UInt8(port & 255)])
        }
        package static let ws = Component(known: .ws, [])
        package static let quicV1 = Component(known: .quicV1, [])
        package static let p2pCircuit = Component(known: .p2pCircuit, [])

        /// - Returns: nil unless there are four or sixteen bytes.
        package static func ip(_ bytes: [UInt8]) -> Component? {
            switch bytes.count {
            case 4: Component(known: .ip4, bytes)
            case 16: Component(known: .ip6, bytes)
            default: nil
            }
        }
    }
}

extension Multiaddress.Component.Kind {
    enum Shape { case fixed(Int), variable }

    var shape: Shape {
        switch self {
        case .webrtcDirect, .webrtc, .p2pCircuit, .https, .http, .tls, .noise, .quic, .quicV1, .webtransport, .ws, .wss:
            .fixed(0)
        case .ipcidr: .fixed(1)
        case .tcp, .udp, .dccp, .sctp: .fixed(2)
        case .ip4: .fixed(4)
        case .memory: .fixed(8)
        case .ip6: .fixed(16)
        case .onion3: .fixed(37)
        case .ip6zone, .dns, .dns4, .dns6, .dnsaddr, .unix, .p2p, .sni, .certhash, .httpPath: .variable
        }
    }

    /// Whether `value` is a value of this protocol that has a text.
    func accepts(_ value: [UInt8]) -> Bool {
        if case .fixed(let width) = shape { return value.count == width && (self != .ipcidr || value[0] <= 128) }
        switch self {
        case .p2p: return (try? Multihash(bytes: value))?.isPeer ?? false
        case .certhash: return (try? Multihash(bytes: value)) != nil
        case .httpPath: return !value.isEmpty
        case .unix:
            // A final slash would be lost in the text.
            guard value.count >= 2, value.first == slash, value.last != slash else { return false }
            return isPrintable(value)
        default: return !value.isEmpty && value.count <= 253 && isPrintable(value) && !value.contains(slash)
        }
    }

    private var slash: UInt8 { UInt8(ascii: "/") }

    private func isPrintable(_ value: [UInt8]) -> Bool {
        value.allSatisfy { $0 > 0x20 && $0 != 0x7f } && String(validating: value, as: UTF8.self) != nil
    }
}
