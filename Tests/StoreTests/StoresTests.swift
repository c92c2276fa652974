import Keys
import Store
import Testing
import Wire

@Suite("BlockStore")
struct BlockStoreTests {
    private func entry(_ height: UInt64) -> BlockStore.Entry {
        BlockStore.Entry(
            height: height, block: [UInt8](repeating: UInt8(height & 255), count: Int(height % 50)),
            commit: [1, UInt8(height & 255)])
    }

    @Test("every block can be read after reopening, in any order", arguments: [1, 200, 1 << 20] as [UInt64])
    func reopening(segmentLimit: UInt64) throws {
        let directory = try TemporaryDirectory()
        var store = try BlockStore(on: directory.disk, segmentLimit: segmentLimit)
        #expect(store.head == nil && store.base == nil)
        for height in 5...60 as ClosedRange<UInt64> { try store.append(entry(height)) }
        var again = try BlockStore(on: try FileDisk(root: directory.path), segmentLimit: segmentLimit)
        #expect(again.base == 5 && again.head == 60)
        for height in (5...60 as ClosedRange<UInt64>).reversed() {
            #expect(try again.read(height) == entry(height))
            #expect(try store.read(height) == entry(height))
        }
        #expect(try again.read(4) == nil)
        #expect(try again.read(61) == nil)
        try again.append(entry(61))
        #expect(try again.read(61) == entry(61))
    }

    @Test("a block that does not follow is refused")
    func gaps() throws {
        let directory = try TemporaryDirectory()
        var store = try BlockStore(on: directory.disk)
        try store.append(entry(1))
        for height in [0, 1, 3] as [UInt64] {
            #expect(throws: StoreError.wrongHeight(expected: 2, got: height)) { try store.append(entry(height)) }
        }
    }
}

@Suite("BlobStore")
struct BlobStoreTests {
    @Test("a blob is found by the digest of its bytes, also after reopening; twice is once")
    func putAndGet() throws {
        let directory = try TemporaryDirectory()
        let store = try BlobStore(on: directory.disk, quota: 100)
        let digest = try store.put([1, 2, 3])
        #expect(digest == Digest(of: [1, 2, 3], domain: "blob"))
        #expect(try store.put([1, 2, 3], durable: false) == digest)
        #expect(store.used == 3 && store.size(of: digest) == 3)
        let again = try BlobStore(on: try FileDisk(root: directory.path), quota: 100)
        #expect(try again.get(digest) == [1, 2, 3])
        #expect(again.digests == [digest] && again.used == 3)
        #expect(try again.get(.zero) == nil)
    }

    @Test("bytes above the quota are refused with what is free, and removing makes room")
    func quota() throws {
        let directory = try TemporaryDirectory()
        let store = try BlobStore(on: directory.disk, quota: 10)
        let first = try store.put([UInt8](repeating: 1, count: 6))
        #expect(throws: StoreError.quotaExceeded(needed: 5, free: 4)) { try store.put([UInt8](repeating: 2, count: 5)) }
        try store.remove(first)
        #expect(try store.get(first) == nil)
        _ = try store.put([UInt8](repeating: 2, count: 10))
        #expect(store.used == 10)
    }

    @Test("a blob that the disk changed is an error once, and then absent, so that it can be fetched again")
    func damage() throws {
        let directory = try TemporaryDirectory()
        let store = try BlobStore(on: directory.disk, quota: 100)
        let digest = try store.put([1, 2, 3])
        try directory.disk.append([4], to: "blobs/\(digest)")
        #expect(throws: StoreError.damagedBlob(digest)) { try store.get(digest) }
        #expect(!store.has(digest) && store.used == 0)
        #expect(try store.put([1, 2, 3]) == digest)
        #expect(try store.get(digest) == [1, 2, 3])
    }

    @Test("a half-written file is removed on opening")
    func halfWritten() throws {
        let directory = try TemporaryDirectory()
        try directory.disk.createDirectory("blobs")
        try directory.disk.append([1, 2], to: "blobs/1.part")
        let store = try BlobStore(on: directory.disk, quota: 100)
        #expect(store.used == 0)
        #expect(try directory.disk.list("blobs").isEmpty)
    }
}

@Suite("Snapshots")
struct SnapshotTests {
    @Test("the newest whole snapshot is given; a damaged one is passed over; two are kept")
    func newest() throws {
        let directory = try TemporaryDirectory()
        let store = try SnapshotStore(on: directory.disk)
        #expect(try store.latest() == nil)
        for height in [9, 10, 100] as [UInt64] { try store.save(Snapshot(height: height, content: [UInt8(height)])) }
        #expect(try directory.disk.list("snapshots") == ["10.snapshot", "100.snapshot"])
        #expect(try store.latest() == Snapshot(height: 100, content: [100]))
        #expect(try store.latest(upTo: 99) == Snapshot(height: 10, content: [10]))
        try directory.disk.append([0], to: "snapshots/100.snapshot")
        #expect(try store.latest()?.height == 10)
    }

    @Test("every truncation and every flipped bit of a snapshot is refused")
    func mutations() throws {
        let bytes = Snapshot(height: 7, content: Array(0..<40)).canonicalBytes
        #expect(try Snapshot(canonicalBytes: bytes).height == 7)
        for count in bytes.indices {
            #expect(throws: (any Error).self) { try Snapshot(canonicalBytes: Array(bytes.prefix(count))) }
        }
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: (any Error).self, "bit \(bit)") { try Snapshot(canonicalBytes: damaged) }
        }
    }
}

@Suite("DirectoryLock")
struct DirectoryLockTests {
    @Test("a second holder is refused with the first one's process; when the first goes, the next may")
    func twoHolders() throws {
        let directory = try TemporaryDirectory()
        var first: DirectoryLock? = try DirectoryLock(directory: directory.path)
        let pid = try String(decoding: directory.disk.readAll("lock"), as: UTF8.self).dropLast()
        #expect(throws: DirectoryLock.Failure.held(directory: directory.path, pid: String(pid))) {
            try DirectoryLock(directory: directory.path)
        }
        withExtendedLifetime(first) {}
        first = nil
        _ = try DirectoryLock(directory: directory.path)
    }
}
