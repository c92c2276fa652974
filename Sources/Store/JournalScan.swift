internal import Wire

/// The records of one segment, up to the first place where none starts.
struct JournalScan {
    static let headerBytes = 16
    /// Bytes checksummed at most in the search behind damage: a hostile payload must not make a restart slow.
    static let searchBudget = 1 << 30

    private(set) var records: [Journal.Record] = []
    /// Where the last whole record ends, in bytes.
    private(set) var end: Int
    private let segment: UInt64

    static func header(of segment: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: headerBytes)
        writer.writeRaw(Array("BanyanJ1".utf8))
        writer.write(segment)
        return writer.bytes
    }

    init(of bytes: [UInt8], segment: UInt64) {
        self.segment = segment
        guard bytes.prefix(Self.headerBytes).elementsEqual(Self.header(of: segment)) else {
            end = 0
            return
        }
        end = Self.headerBytes
        while end < bytes.count {
            let position = Journal.Position(segment: segment, offset: UInt64(end))
            guard let (payload, _) = JournalRecord.decode(bytes[end...], at: position) else { return }
            records.append(Journal.Record(position: position, payload: payload))
            end += JournalRecord.headBytes + payload.count
        }
    }

    /// Where a good record starts behind the damage at ``end`` that was appended when the damaged place was durable already.
    ///
    /// Nil when there is none: then all that follows was never synced, and a disk may have kept any part of it.
    func laterWitness(in bytes: [UInt8]) -> Int? {
        var budget = Self.searchBudget
        var offset = end + 1
        while offset + JournalRecord.headBytes <= bytes.count {
            if bytes[offset] == JournalRecord.magic[0],
                let length = JournalRecord.length(ofHead: bytes[offset..<offset + JournalRecord.headBytes])
            {
                budget -= length
                let position = Journal.Position(segment: segment, offset: UInt64(offset))
                // Out of budget: somebody filled a payload with false heads. Keeping the data is the safe side.
                if budget < 0 { return offset }
                if let record = JournalRecord.decode(bytes[offset...], at: position), record.durable > UInt64(end) {
                    return offset
                }
            }
            offset += 1
        }
        return nil
    }
}
