/// The header of a yamux frame: 12 bytes, big-endian (yamux specification of libp2p).
struct YamuxFrame: Hashable, Sendable {
    enum Kind: UInt8, Sendable { case data = 0, windowUpdate = 1, ping = 2, goAway = 3 }

    struct Flags: OptionSet, Hashable, Sendable {
        let rawValue: UInt16
        static let syn = Flags(rawValue: 1)
        static let ack = Flags(rawValue: 2)
        static let fin = Flags(rawValue: 4)
        static let rst = Flags(rawValue: 8)
    }

    static let length = 12
    /// Send and receive window of a new stream in bytes, the same for every implementation.
    static let initialWindow = 256 << 10

    var kind: Kind
    var flags: Flags = []
    var stream: UInt32
    /// Bytes that follow (data), the delta (window update), the opaque value (ping) or the reason (go away).
    var value: UInt32

    init(_ kind: Kind, flags: Flags = [], stream: UInt32, value: UInt32 = 0) {
        self.kind = kind
        self.flags = flags
        self.stream = stream
        self.value = value
    }

    /// - Parameter bytes: exactly 12.
    init(_ bytes: some RandomAccessCollection<UInt8>) throws(YamuxError) {
        var header: (version: UInt8, kind: UInt8, flags: UInt16, stream: UInt32, value: UInt32) = (0, 0, 0, 0, 0)
        for (index, byte) in bytes.enumerated() {
            switch index {
            case 0: header.version = byte
            case 1: header.kind = byte
            case 2...3: header.flags = header.flags << 8 | UInt16(byte)
            case 4...7: header.stream = header.stream << 8 | UInt32(byte)
            default: header.value = header.value << 8 | UInt32(byte)
            }
        }
        guard header.version == 0 else { throw .unknownVersion(header.version) }
        guard let kind = Kind(rawValue: header.kind) else { throw .unknownKind(header.kind) }
        self.init(kind, flags: Flags(rawValue: header.flags), stream: header.stream, value: header.value)
    }

    func append(to output: inout [UInt8]) {
        output.append(0)
        output.append(kind.rawValue)
        output.append(UInt8(flags.rawValue >> 8))
        output.append(UInt8(flags.rawValue & 0xff))
        for word in [stream, value] {
            for shift in stride(from: 24, through: 0, by: -8) {
                output.append(UInt8(truncatingIfNeeded: word >> UInt32(shift)))
            }
        }
    }
}
