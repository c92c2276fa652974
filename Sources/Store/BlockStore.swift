internal import Wire

/// The blocks of the chain in the order of their heights, without a gap, in one journal.
///
/// Only the first record of each segment and the last segment are read when the store opens; the index of an older segment is
/// made when a block in it is asked for.
package struct BlockStore: Sendable {
    /// A block as it lies here: the bytes are the chain's, the store only knows the height.
    package struct Entry: Hashable, Sendable {
        package let height: UInt64
        package let block: [UInt8]
        /// The certificate with which this node saw the block decided.
        package let commit: [UInt8]

        package init(height: UInt64, block: [UInt8], commit: [UInt8]) {
            self.height = height
            self.block = block
            self.commit = commit
        }
    }

    /// Segments whose index is held in memory: the newest and three others that somebody reads.
    private static let indexLimit = 4

    private var journal: Journal
    /// For each segment with a record, in ascending order: the height of its first block.
    private var starts: [(segment: UInt64, height: UInt64)] = []
    private var indices: [(segment: UInt64, positions: [Journal.Position])] = []
    /// The height of the oldest block; nil while there is none.
    package var base: UInt64? { starts.first?.height }
    /// The height of the newest block; nil while there is none.
    private(set) package var head: UInt64?

    package init(
        on disk: any Disk, directory: String = "blocks", segmentLimit: UInt64 = Journal.defaultSegmentLimit
    ) throws(StoreError) {
        journal = try Journal.open(on: disk, directory: directory, segmentLimit: segmentLimit)
        for segment in journal.segments {
            let first = Journal.Position(segment: segment, offset: UInt64(JournalScan.headerBytes))
            if segment != journal.segments.last {
                starts.append((segment, try entry(of: try journal.read(at: first)).height))
            } else {
                let records = try journal.records(in: segment)
                guard let oldest = records.first else { continue }
                let height = try entry(of: oldest.payload).height
                for (index, record) in records.enumerated() {
                    let found = try entry(of: record.payload).height
                    guard found == height + UInt64(index) else {
                        throw .wrongHeight(expected: height + UInt64(index), got: found)
                    }
                }
                starts.append((segment, height))
                indices.append((segment, records.map(\.position)))
            }
        }
        if let last = starts.last { head = last.height + UInt64(try positions(in: last.segment).count) - 1 }
    }

    /// Appends the block after the head and waits for the disk.
    /// - Throws: the block is then not in the store, and may be appended again.
    package mutating func append(_ entry: Entry) throws(StoreError) {
        if let head, entry.height != head + 1 { throw .wrongHeight(expected: head + 1, got: entry.height) }
        var writer = ByteWriter(capacity: entry.block.count + entry.commit.count + 24)
        writer.write(entry.height)
        writer.writePrefixed(entry.block)
        writer.writePrefixed(entry.commit)
        let position = try journal.record(writer.bytes)
        if starts.last?.segment != position.segment { starts.append((position.segment, entry.height)) }
        if let index = indices.firstIndex(where: { $0.segment == position.segment }) {
            indices[index].positions.append(position)
        } else {
            remember([position], of: position.segment)
        }
        head = entry.height
    }

    /// The block at `height`; nil when it is not here.
    package mutating func read(_ height: UInt64) throws(StoreError) -> Entry? {
        guard let head, height <= head, let start = starts.last(where: { $0.height <= height }) else { return nil }
        let positions = try positions(in: start.segment)
        let index = Int(height - start.height)
        guard index < positions.count else { return nil }
        let found = try entry(of: try journal.read(at: positions[index]))
        guard found.height == height else { throw .wrongHeight(expected: height, got: found.height) }
        return found
    }

    private mutating func positions(in segment: UInt64) throws(StoreError) -> [Journal.Position] {
        if let known = indices.first(where: { $0.segment == segment }) { return known.positions }
        let positions = try journal.records(in: segment).map(\.position)
        remember(positions, of: segment)
        return positions
    }

    private mutating func remember(_ positions: [Journal.Position], of segment: UInt64) {
        if indices.count >= Self.indexLimit {
            let newest = indices.map(\.segment).max()
            if let oldest = indices.firstIndex(where: { $0.segment != newest }) { indices.remove(at: oldest) }
        }
        indices.append((segment, positions))
    }

    private func entry(of payload: [UInt8]) throws(StoreError) -> Entry {
        do throws(WireError) {
            var reader = ByteReader(payload)
            let height = try reader.readUInt64()
            let block = try reader.readPrefixed(limit: Journal.recordLimit)
            let commit = try reader.readPrefixed(limit: Journal.recordLimit)
            try reader.finish()
            return Entry(height: height, block: block, commit: commit)
        } catch {
            throw .malformed(path: journal.directory, error)
        }
    }
}
