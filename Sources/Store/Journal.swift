internal import Wire

/// An append-only sequence of checksummed records in numbered segment files.
///
/// Segment: `"BanyanJ1" ‖ number u64`. Record: `"BnJr" ‖ length u32 ‖ durable u64 ‖ CRC-32C u32 ‖ payload`, big-endian.
/// `durable` is the offset up to which the segment was synced when the record was appended. The checksum covers the number of the
/// segment, the offset of the record, and all of the record, so that bytes from another place never pass.
///
/// What is damaged or cut off behind the last sync was on its way when the process or the power went: it is removed, with all
/// that follows. Damage before a place that a later record knows to be durable is a fault of the disk: ``open(on:directory:segmentLimit:)`` refuses.
///
/// A write that fails, as on a full disk, leaves the journal as it was; the next one first mends what the failure left behind
/// (``JournalDamage``). So a caller may try again for as long as it likes.
package struct Journal: Sendable {
    /// 32 MiB: above the largest block with its commit.
    package static let recordLimit = 32 << 20
    /// A segment is closed when it has grown above this many bytes.
    package static let defaultSegmentLimit: UInt64 = 8 << 20

    private let files: JournalFiles
    private let segmentLimit: UInt64
    /// The numbers of the segments in ascending order; never empty, without a gap.
    private(set) package var segments: [UInt64]
    private var end: UInt64
    /// The offset in the last segment up to which it is synced.
    private var durable: UInt64 = 0
    /// The bytes from ``durable`` to ``end``: after a failed sync the system may have dropped them. At most a segment and a record.
    private var unsynced: [UInt8] = []
    private var damage = JournalDamage()

    package var directory: String { files.directory }

    /// Opens the journal, repairs a torn end and makes what is there durable.
    /// - Throws: ``StoreError/corrupt(path:offset:reason:)`` for damage that is not a torn end.
    package static func open(
        on disk: any Disk, directory: String, segmentLimit: UInt64 = defaultSegmentLimit
    ) throws(StoreError) -> Journal {
        let files = JournalFiles(disk: disk, directory: directory)
        var journal = Journal(files: files, segmentLimit: segmentLimit, segments: try files.list(), end: 0)
        try journal.repairEnd()
        return journal
    }

    private init(files: JournalFiles, segmentLimit: UInt64, segments: [UInt64], end: UInt64) {
        self.files = files
        self.segmentLimit = segmentLimit
        self.segments = segments
        self.end = end
    }

    /// Appends a record. It is durable after ``sync()``.
    /// - Throws: the journal is then without it.
    package mutating func append(_ payload: [UInt8]) throws(StoreError) -> Position {
        guard payload.count <= Self.recordLimit else {
            throw .recordTooLong(bytes: payload.count, limit: Self.recordLimit)
        }
        try mend()
        if end >= segmentLimit, end > UInt64(JournalScan.headerBytes) { try startSegment() }
        let position = Position(segment: newestSegment, offset: end)
        let bytes = JournalRecord.encode(payload, at: position, durable: durable)
        damage.hasTornEnd = true
        try files.append(bytes, to: position.segment)
        damage.hasTornEnd = false
        unsynced += bytes
        end += UInt64(bytes.count)
        return position
    }

    /// Makes every appended record durable.
    /// - Throws: they are then still there, and none of them is certain to be durable.
    package mutating func sync() throws(StoreError) {
        try mend()
        damage.hasLostBytes = true
        try files.sync(newestSegment)
        damage.hasLostBytes = false
        durable = end
        unsynced = []
    }

    /// Appends a record and makes it durable, with all before it.
    /// - Throws: the journal is then without it, though a process that dies before the next write may find it there again.
    package mutating func record(_ payload: [UInt8]) throws(StoreError) -> Position {
        let position = try append(payload)
        do throws(StoreError) { try sync() } catch {
            unsynced.removeLast(Int(end - position.offset))
            end = position.offset
            damage.hasTornEnd = true
            // The sooner it is gone, the less can come of it.
            try? mend()
            throw error
        }
        return position
    }

    /// The record that starts at `position`.
    package func read(at position: Position) throws(StoreError) -> [UInt8] { try files.record(at: position) }

    /// All records of one segment, in the order they were appended.
    package func records(in segment: UInt64) throws(StoreError) -> [Record] { try files.records(in: segment) }

    /// All records from `first` on, oldest first.
    package func records(from first: Position? = nil) throws(StoreError) -> [Record] {
        var all: [Record] = []
        for segment in segments where segment >= first?.segment ?? 0 { all += try records(in: segment) }
        guard let first else { return all }
        return all.filter { $0.position >= first }
    }

    /// The number of the segment that is written to.
    package var newestSegment: UInt64 { segments[segments.count - 1] }

    /// Closes the segment, so that the next record starts a new one.
    package mutating func rotate() throws(StoreError) { try startSegment() }

    /// Removes the segments below `segment`; the last one always stays.
    package mutating func discardSegments(before segment: UInt64) throws(StoreError) {
        while segments.count > 1, segments[0] < segment {
            // One by one: after a crash the numbers must still be without a gap.
            try files.remove(segments[0])
            segments.removeFirst()
        }
    }

    private mutating func startSegment() throws(StoreError) {
        if !segments.isEmpty { try sync() }
        let number = (segments.last ?? 0) + 1
        damage.straySegment = number
        try files.create(number)
        damage.straySegment = nil
        segments.append(number)
        end = UInt64(JournalScan.headerBytes)
        durable = end
    }

    /// Makes the files again what this value says they are, after a write that failed.
    private mutating func mend() throws(StoreError) {
        guard !damage.isNone else { return }
        // A record behind the one before may not count as the end of a whole segment.
        if let stray = damage.straySegment { try files.remove(stray) }
        if let last = segments.last, damage.hasTornEnd || damage.hasLostBytes {
            try files.truncate(last, to: damage.hasLostBytes ? durable : end)
            // Written anew: a second sync of the same pages would succeed without them.
            if damage.hasLostBytes, !unsynced.isEmpty { try files.append(unsynced, to: last) }
        }
        damage = JournalDamage()
    }

    private mutating func repairEnd() throws(StoreError) {
        guard let last = segments.last else { return try startSegment() }
        let bytes = try files.bytes(of: last)
        let scan = JournalScan(of: bytes, segment: last)
        if scan.end < bytes.count || bytes.isEmpty {
            if let next = scan.laterWitness(in: bytes) {
                let reason = "the record at byte \(next) was written when this was durable already"
                throw .corrupt(path: files.path(of: last), offset: UInt64(scan.end), reason: reason)
            }
            // Without a whole header the segment was being made; nothing durable was ever in it.
            if scan.end < JournalScan.headerBytes { return try dropLastSegment() }
            try files.truncate(last, to: UInt64(scan.end))
        }
        end = UInt64(scan.end)
        // What a crashed process left in the system's cache may not be on the disk yet, and from now on we act on it.
        try files.syncName(of: last)
        durable = end
    }

    private mutating func dropLastSegment() throws(StoreError) {
        try files.remove(segments.removeLast())
        guard let previous = segments.last else { return try startSegment() }
        // The segment before was synced before this one was begun, so it has to be whole.
        _ = try records(in: previous)
        end = try files.size(of: previous)
        durable = end
    }
}
