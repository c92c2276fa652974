internal import Wire

/// Reads a DNS packet, in which names may point back to earlier ones.
struct DNSReader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func readUInt16() throws(WireError) -> UInt16 {
        let pair = try readRaw(2)
        return UInt16(pair[0]) << 8 | UInt16(pair[1])
    }

    mutating func readRaw(_ count: Int) throws(WireError) -> [UInt8] {
        guard count <= bytes.count - offset else { throw .truncated(needed: count, available: bytes.count - offset) }
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }

    /// A name; pointers must lead backwards, so that there is no circle.
    mutating func readName() throws(WireError) -> DNSName {
        var labels: [[UInt8]] = []
        var position = offset
        var resume: Int?
        var length = 1
        while true {
            guard position < bytes.count else { throw .truncated(needed: 1, available: 0) }
            let head = Int(bytes[position])
            if head == 0 {
                position += 1
                break
            }
            if head & 0xc0 == 0xc0 {
                guard position + 1 < bytes.count else { throw .truncated(needed: 1, available: 0) }
                let target = (head & 0x3f) << 8 | Int(bytes[position + 1])
                guard target < position else { throw .invalid("a DNS name that points forwards") }
                if resume == nil { resume = position + 2 }
                position = target
                // Backwards alone does not end it: labels on the way lead forwards again. The length does.
                length += 1
            } else {
                guard head <= DNSName.labelLimit, position + 1 + head <= bytes.count else {
                    throw .invalid("a DNS label of \(head) bytes")
                }
                labels.append(Array(bytes[position + 1..<position + 1 + head]))
                position += 1 + head
                length += 1 + head
            }
            guard length <= 2 * DNSName.byteLimit else { throw .invalid("a DNS name that is too long") }
        }
        offset = resume ?? position
        guard let name = DNSName(labels: labels) else { throw .invalid("a DNS name that is too long") }
        return name
    }

    mutating func readRecord() throws(WireError) -> DNSMessage.Record {
        let name = try readName()
        let kind = try readUInt16()
        let space = try readUInt16()
        let lifetime = UInt32(try readUInt16()) << 16 | UInt32(try readUInt16())
        let length = Int(try readUInt16())
        guard length <= bytes.count - offset else { throw .truncated(needed: length, available: bytes.count - offset) }
        let end = offset + length
        let data = try readData(kind, length)
        guard offset == end else { throw .invalid("DNS data of another length than announced") }
        return DNSMessage.Record(name: name, space: space, lifetime: lifetime, data: data)
    }

    private mutating func readData(_ kind: UInt16, _ length: Int) throws(WireError) -> DNSMessage.Record.Data {
        let end = offset + length
        switch kind {
        case DNSMessage.Kind.ptr: return .pointer(try readName())
        case DNSMessage.Kind.txt:
            var strings: [[UInt8]] = []
            while offset < end {
                let size = Int(try readRaw(1)[0])
                guard size <= end - offset else { throw .truncated(needed: size, available: end - offset) }
                if size > 0 { strings.append(try readRaw(size)) }
            }
            return .text(strings)
        case DNSMessage.Kind.srv:
            _ = try readRaw(4)
            return .service(port: try readUInt16(), target: try readName())
        case DNSMessage.Kind.a where length == 4, DNSMessage.Kind.aaaa where length == 16:
            return .address(try readRaw(length))
        default: return .other(kind: kind, try readRaw(length))
        }
    }
}
