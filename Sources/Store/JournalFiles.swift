/// The files of a journal, one a segment: each call is one thing that a disk does or does not.
struct JournalFiles: Sendable {
    let disk: any Disk
    let directory: String

    func path(of segment: UInt64) -> String {
        let digits = String(segment)
        return directory + "/" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits + ".log"
    }

    /// The numbers of the segments, ascending; makes the directory where there is none.
    /// - Throws: also when one is missing between two others.
    func list() throws(StoreError) -> [UInt64] {
        let names = try onDisk { () throws(DiskError) in
            try disk.createDirectory(directory)
            return try disk.list(directory)
        }
        let numbers = names.compactMap { name in name.hasSuffix(".log") ? UInt64(name.dropLast(4)) : nil }.sorted()
        for (left, right) in zip(numbers, numbers.dropFirst()) where left &+ 1 != right {
            throw .corrupt(path: path(of: left &+ 1), offset: 0, reason: "the segment is missing")
        }
        return numbers
    }

    // MARK: Reading

    func bytes(of segment: UInt64) throws(StoreError) -> [UInt8] {
        try onDisk { () throws(DiskError) in try disk.readAll(path(of: segment)) }
    }

    func size(of segment: UInt64) throws(StoreError) -> UInt64 {
        try onDisk { () throws(DiskError) in try disk.size(of: path(of: segment)) ?? 0 }
    }

    func record(at position: Journal.Position) throws(StoreError) -> [UInt8] {
        let path = path(of: position.segment)
        let head = try onDisk { () throws(DiskError) in
            try disk.read(path, at: position.offset, count: JournalRecord.headBytes)
        }
        guard let length = JournalRecord.length(ofHead: head[...]) else {
            throw .corrupt(path: path, offset: position.offset, reason: "no record starts here")
        }
        let bytes = try onDisk { () throws(DiskError) in
            try disk.read(path, at: position.offset, count: JournalRecord.headBytes + length)
        }
        guard let (payload, _) = JournalRecord.decode(bytes[...], at: position) else {
            throw .corrupt(path: path, offset: position.offset, reason: "the checksum is wrong")
        }
        return payload
    }

    /// - Throws: also when anything but whole records is in the segment.
    func records(in segment: UInt64) throws(StoreError) -> [Journal.Record] {
        let bytes = try bytes(of: segment)
        let scan = JournalScan(of: bytes, segment: segment)
        guard scan.end == bytes.count else {
            throw .corrupt(
                path: path(of: segment), offset: UInt64(scan.end), reason: "no whole record starts here")
        }
        return scan.records
    }

    // MARK: Writing

    func append(_ bytes: [UInt8], to segment: UInt64) throws(StoreError) {
        try onDisk { () throws(DiskError) in try disk.append(bytes, to: path(of: segment)) }
    }

    func truncate(_ segment: UInt64, to size: UInt64) throws(StoreError) {
        try onDisk { () throws(DiskError) in try disk.truncate(path(of: segment), to: size) }
    }

    /// Makes what was written durable.
    func sync(_ segment: UInt64) throws(StoreError) {
        try onDisk { () throws(DiskError) in try disk.sync(path(of: segment)) }
    }

    /// Makes the segment durable, and that there is one of this name.
    func syncName(of segment: UInt64) throws(StoreError) {
        try onDisk { () throws(DiskError) in
            try disk.sync(path(of: segment))
            try disk.syncDirectory(directory)
        }
    }

    /// Makes an empty segment, durably.
    func create(_ segment: UInt64) throws(StoreError) {
        try append(JournalScan.header(of: segment), to: segment)
        try syncName(of: segment)
    }

    /// Removes a segment, durably.
    func remove(_ segment: UInt64) throws(StoreError) {
        try onDisk { () throws(DiskError) in
            try disk.remove(path(of: segment))
            try disk.syncDirectory(directory)
        }
    }
}
