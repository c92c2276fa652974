package import Wire

/// The part of DNS that multicast DNS needs (RFC 1035 section 4, RFC 6762).
package struct DNSMessage: Sendable, Hashable {
    /// Largest packet read or sent, in bytes.
    package static let byteLimit = 8932
    /// Questions or records of one packet.
    package static let entryLimit = 256

    package enum Kind {
        package static let a: UInt16 = 1
        package static let ptr: UInt16 = 12
        package static let txt: UInt16 = 16
        package static let aaaa: UInt16 = 28
        package static let srv: UInt16 = 33
        package static let any: UInt16 = 255
    }

    package struct Question: Sendable, Hashable {
        package var name: DNSName
        package var kind: UInt16
        /// The top bit asks for a unicast answer.
        package var space: UInt16

        package init(name: DNSName, kind: UInt16, space: UInt16 = 1) {
            self.name = name
            self.kind = kind
            self.space = space
        }
    }

    package struct Record: Sendable, Hashable {
        package enum Data: Sendable, Hashable {
            case pointer(DNSName)
            case text([[UInt8]])
            case service(port: UInt16, target: DNSName)
            /// Four or sixteen bytes.
            case address([UInt8])
            case other(kind: UInt16, [UInt8])

            var kind: UInt16 {
                switch self {
                case .pointer: Kind.ptr
                case .text: Kind.txt
                case .service: Kind.srv
                case .address(let bytes): bytes.count == 4 ? Kind.a : Kind.aaaa
                case .other(let kind, _): kind
                }
            }
        }

        package var name: DNSName
        /// The top bit says that this record replaces all others of its name and kind.
        package var space: UInt16
        /// In seconds.
        package var lifetime: UInt32
        package var data: Data

        package init(name: DNSName, space: UInt16, lifetime: UInt32, data: Data) {
            self.name = name
            self.space = space
            self.lifetime = lifetime
            self.data = data
        }
    }

    package var id: UInt16 = 0
    package var isResponse = false
    package var questions: [Question] = []
    package var answers: [Record] = []
    package var additional: [Record] = []

    package init() {}

    // MARK: Writing

    /// Names are written in full: packets are small.
    package var bytes: [UInt8] {
        var writer = ByteWriter(capacity: 512)
        writer.write(id)
        writer.write(UInt16(isResponse ? 0x8400 : 0))
        for count in [questions.count, answers.count, 0, additional.count] { writer.write(UInt16(clamping: count)) }
        for question in questions {
            Self.write(question.name, into: &writer)
            writer.write(question.kind)
            writer.write(question.space)
        }
        for record in answers + additional {
            Self.write(record.name, into: &writer)
            writer.write(record.data.kind)
            writer.write(record.space)
            writer.write(record.lifetime)
            let data = Self.encode(record.data)
            writer.write(UInt16(clamping: data.count))
            writer.writeRaw(data)
        }
        return writer.bytes
    }

    private static func write(_ name: DNSName, into writer: inout ByteWriter) {
        for label in name.labels {
            writer.write(UInt8(clamping: label.count))
            writer.writeRaw(label)
        }
        writer.write(UInt8(0))
    }

    private static func encode(_ data: Record.Data) -> [UInt8] {
        var writer = ByteWriter()
        switch data {
        case .pointer(let name): write(name, into: &writer)
        case .text(let strings):
            for string in strings where string.count <= 255 {
                writer.write(UInt8(clamping: string.count))
                writer.writeRaw(string)
            }
            if strings.isEmpty { writer.write(UInt8(0)) }
        case .service(let port, let target):
            writer.write(UInt16(0))  // Priority.
            writer.write(UInt16(0))  // Weight.
            writer.write(port)
            write(target, into: &writer)
        case .address(let bytes), .other(_, let bytes): writer.writeRaw(bytes)
        }
        return writer.bytes
    }

    // MARK: Reading

    package init(bytes: [UInt8]) throws(WireError) {
        guard bytes.count <= Self.byteLimit else {
            throw .tooLong(length: UInt64(bytes.count), limit: UInt64(Self.byteLimit))
        }
        var reader = DNSReader(bytes)
        id = try reader.readUInt16()
        isResponse = try reader.readUInt16() & 0x8000 != 0
        let counts = [
            try reader.readUInt16(), try reader.readUInt16(), try reader.readUInt16(), try reader.readUInt16(),
        ]
        let total = counts.reduce(0) { $0 + Int($1) }
        guard total <= Self.entryLimit else { throw .tooLong(length: UInt64(total), limit: UInt64(Self.entryLimit)) }
        for _ in 0..<counts[0] {
            questions.append(
                Question(name: try reader.readName(), kind: try reader.readUInt16(), space: try reader.readUInt16()))
        }
        for _ in 0..<counts[1] { answers.append(try reader.readRecord()) }
        for _ in 0..<counts[2] { _ = try reader.readRecord() }
        for _ in 0..<counts[3] { additional.append(try reader.readRecord()) }
    }
}
