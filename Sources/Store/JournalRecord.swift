internal import Wire

/// One record of a journal as bytes.
enum JournalRecord {
    static let magic = Array("BnJr".utf8)
    /// Magic, length, durable offset, checksum.
    static let headBytes = 20

    /// - Parameter durable: up to which offset the segment was synced when the record was appended.
    static func encode(_ payload: [UInt8], at position: Journal.Position, durable: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: headBytes + payload.count)
        writer.writeRaw(magic)
        writer.write(UInt32(payload.count))
        writer.write(durable)
        writer.write(checksum(of: payload[...], at: position, durable: durable))
        writer.writeRaw(payload)
        return writer.bytes
    }

    /// - Returns: nil when the bytes are no head, or state a length above the limit.
    static func length(ofHead head: ArraySlice<UInt8>) -> Int? {
        guard head.count >= headBytes, head.prefix(4).elementsEqual(magic) else { return nil }
        let length = head.dropFirst(4).prefix(4).reduce(0) { $0 << 8 | Int($1) }
        return length <= Journal.recordLimit ? length : nil
    }

    /// - Returns: the payload of the record at the front of `bytes`, and what it says was durable before it; nil when it is
    ///   cut off or damaged.
    static func decode(
        _ bytes: ArraySlice<UInt8>, at position: Journal.Position
    ) -> (payload: [UInt8], durable: UInt64)? {
        guard let length = length(ofHead: bytes.prefix(headBytes)), bytes.count >= headBytes + length else {
            return nil
        }
        let durable = bytes.dropFirst(8).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let stated = bytes.dropFirst(16).prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let payload = bytes.dropFirst(headBytes).prefix(length)
        guard stated == checksum(of: payload, at: position, durable: durable) else { return nil }
        return (Array(payload), durable)
    }

    private static func checksum(of payload: ArraySlice<UInt8>, at position: Journal.Position, durable: UInt64)
        -> UInt32
    {
        var place = ByteWriter(capacity: 28)
        place.write(position.segment)
        place.write(position.offset)
        place.write(UInt32(payload.count))
        place.write(durable)
        var crc = CRC32C()
        crc.update(place.bytes)
        crc.update(payload)
        return crc.value
    }
}
