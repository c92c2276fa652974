internal import Keys
package import Wire

/// A state at one height, as it lies on the disk.
package struct Snapshot: Canonical, Hashable {
    /// 1 GiB: about five million accounts.
    package static let limit = 1 << 30

    package let height: UInt64
    package let content: [UInt8]
    private let check: Digest

    package init(height: UInt64, content: [UInt8]) {
        self.height = height
        self.content = content
        check = Self.check(height: height, content: content)
    }

    package func encode(into writer: inout ByteWriter) {
        writer.writeRaw(Self.magic)
        writer.write(height)
        writer.write(check)
        writer.writePrefixed(content)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Snapshot {
        guard try reader.readRaw(magic.count) == magic else { throw .invalid("this is no snapshot of version 1") }
        let height = try reader.readUInt64()
        let check: Digest = try reader.read()
        let snapshot = Snapshot(height: height, content: try reader.readPrefixed(limit: limit))
        guard snapshot.check == check else { throw .invalid("the digest of the snapshot is wrong") }
        return snapshot
    }

    private static let magic = Array("BanyanS1".utf8)

    private static func check(height: UInt64, content: [UInt8]) -> Digest {
        Digest(of: height.canonicalBytes + content, domain: "snapshot")
    }
}

/// The newest snapshots of a state. A damaged one is passed over: the one before it and a longer replay give the same state.
package struct SnapshotStore: Sendable {
    /// The newest, and the one before in case the disk damaged it.
    package static let kept = 2

    private let disk: any Disk
    private let directory: String

    package init(on disk: any Disk, directory: String = "snapshots") throws(StoreError) {
        self.disk = disk
        self.directory = directory
        try onDisk { () throws(DiskError) in try disk.createDirectory(directory) }
    }

    /// Writes a snapshot durably, then removes those that are no longer kept.
    package func save(_ snapshot: Snapshot) throws(StoreError) {
        try onDisk { () throws(DiskError) in
            try disk.replace(name(of: snapshot.height), in: directory, with: snapshot.canonicalBytes)
            for height in try heights().dropLast(Self.kept) { try disk.remove(directory + "/" + name(of: height)) }
        }
    }

    /// The newest whole snapshot at or below `height`; nil when there is none.
    package func latest(upTo height: UInt64 = .max) throws(StoreError) -> Snapshot? {
        for candidate in try onDisk({ () throws(DiskError) in try heights() }).reversed() where candidate <= height {
            let bytes = try onDisk { () throws(DiskError) in try disk.readAll(directory + "/" + name(of: candidate)) }
            if let snapshot = try? Snapshot(canonicalBytes: bytes), snapshot.height == candidate { return snapshot }
        }
        return nil
    }

    private func heights() throws(DiskError) -> [UInt64] {
        try disk.list(directory).compactMap { $0.hasSuffix(".snapshot") ? UInt64($0.dropLast(9)) : nil }.sorted()
    }

    private func name(of height: UInt64) -> String { "\(height).snapshot" }
}
