internal import Keys
package import Store
package import Wire

/// What one side of payments knows, changed by one entry at a time. An entry that is applied again changes nothing more.
package protocol Book: Canonical {
    associatedtype Entry: Canonical

    init()
    mutating func apply(_ entry: Entry)
}

/// A ``Book`` in a journal: an entry is on the disk before anybody acts on it.
///
/// A record of the journal is an entry, or the whole book: each segment begins with the whole, so that older ones can go.
package struct BookOnDisk<Content: Book>: Sendable {
    /// Entries after which the journal begins anew with the whole book: about 1 MiB.
    package static var usualLimit: Int { 8192 }

    package private(set) var content = Content()
    private var journal: Journal
    private var entries = 0
    private let entryLimit: Int

    /// Reads what was written down, also by a process that was killed in the middle.
    /// - Throws: ``StoreError`` when the journal is damaged: without it, nobody knows what was promised.
    package init(
        on disk: any Disk, directory: String, entryLimit: Int = BookOnDisk.usualLimit
    ) throws(StoreError) {
        self.entryLimit = entryLimit
        journal = try Journal.open(on: disk, directory: directory)
        for record in try journal.records() {
            do throws(WireError) {
                switch try Record<Content>(canonicalBytes: record.payload) {
                case .whole(let whole): (content, entries) = (whole, 0)
                case .entry(let entry):
                    content.apply(entry)
                    entries += 1
                }
            } catch { throw .malformed(path: directory, error) }
        }
    }

    /// Writes an entry, makes it durable and applies it.
    /// - Throws: when it may not be on the disk; the book is then as before. Trying again later is safe.
    package mutating func note(_ entry: Content.Entry) throws(StoreError) {
        _ = try journal.record(Record<Content>.entry(entry).canonicalBytes)
        content.apply(entry)
        entries += 1
        // The entry stands without it; the next one tries again.
        if entries >= entryLimit { try? compact() }
    }

    private mutating func compact() throws(StoreError) {
        try journal.rotate()
        _ = try journal.record(Record<Content>.whole(content).canonicalBytes)
        try journal.discardSegments(before: journal.newestSegment)
        entries = 0
    }
}

private enum Record<Content: Book>: Canonical {
    case whole(Content)
    case entry(Content.Entry)

    func encode(into writer: inout ByteWriter) {
        switch self {
        case .whole(let content):
            writer.write(UInt8(0))
            writer.write(content)
        case .entry(let entry):
            writer.write(UInt8(1))
            writer.write(entry)
        }
    }

    static func decode(from reader: inout ByteReader) throws(WireError) -> Record {
        switch try reader.readUInt8() {
        case 0: .whole(try reader.read())
        case 1: .entry(try reader.read())
        case let tag: throw .unknownTag(UInt64(tag), of: "Record")
        }
    }
}
