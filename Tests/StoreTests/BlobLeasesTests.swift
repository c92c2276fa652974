import Keys
import Simulation
import Store
import Testing

@Suite("BlobLeases")
struct BlobLeasesTests {
    private func digest(_ number: UInt8) -> Digest { Digest(of: [number], domain: "blob") }

    private func ended(_ leases: BlobLeases, _ holder: Digest) throws -> Set<Digest> {
        var removed: Set<Digest> = []
        try leases.end(holder) { #expect(removed.insert($0).inserted) }
        return removed
    }

    @Test("what a holder has is known after reopening, and removed once when its lease ends")
    func reopening() throws {
        let directory = try TemporaryDirectory()
        let leases = try BlobLeases(on: directory.disk)
        try leases.add([digest(1), digest(2)], to: digest(100))
        try leases.add([digest(2), digest(3)], to: digest(100))
        try leases.add([digest(4)], to: digest(101))
        let again = try BlobLeases(on: try FileDisk(root: directory.path))
        #expect(Set(again.holders) == [digest(100), digest(101)])
        #expect(try ended(again, digest(100)) == [digest(1), digest(2), digest(3)])
        #expect(try ended(again, digest(100)).isEmpty)
        #expect(try BlobLeases(on: try FileDisk(root: directory.path)).holders == [digest(101)])
    }

    @Test("a blob that another holder has too stays until that one's lease ends")
    func shared() throws {
        let directory = try TemporaryDirectory()
        let leases = try BlobLeases(on: directory.disk)
        try leases.add([digest(1), digest(2)], to: digest(100))
        try leases.add([digest(2)], to: digest(101))
        #expect(try ended(leases, digest(100)) == [digest(1)])
        #expect(try ended(leases, digest(101)) == [digest(2)])
    }

    @Test("a name cut off by a crash, at any byte, costs no other name", arguments: 0..<96)
    func torn(length: Int) throws {
        let directory = try TemporaryDirectory()
        try directory.disk.createDirectory("leases")
        let bytes = [digest(1), digest(2), digest(3)].flatMap(\.bytes)
        try directory.disk.append(Array(bytes.prefix(length)), to: "leases/\(digest(100))")
        let whole = Set([digest(1), digest(2), digest(3)].prefix(length / 32))
        let leases = try BlobLeases(on: directory.disk)
        try leases.add([digest(9)], to: digest(100))
        let again = try BlobLeases(on: try FileDisk(root: directory.path))
        #expect(try ended(again, digest(100)) == whole.union([digest(9)]))
    }

    @Test("a lease whose removal fails is still there to be ended again")
    func failure() throws {
        let directory = try TemporaryDirectory()
        let leases = try BlobLeases(on: directory.disk)
        try leases.add([digest(1), digest(2)], to: digest(100))
        #expect(throws: StoreError.damagedBlob(digest(1))) {
            try leases.end(digest(100)) { _ in throw StoreError.damagedBlob(digest(1)) }
        }
        #expect(try ended(leases, digest(100)) == [digest(1), digest(2)])
    }

    @Test("a holder has at most as many blobs as the limit")
    func limit() throws {
        let directory = try TemporaryDirectory()
        let leases = try BlobLeases(on: directory.disk)
        let many = (0..<BlobLeases.limit + 10).map { Digest(of: [UInt8($0 & 255), UInt8($0 >> 8)], domain: "blob") }
        try leases.add(many, to: digest(100))
        try leases.add([digest(1)], to: digest(100))
        #expect(try ended(leases, digest(100)).count == BlobLeases.limit)
    }

    @Test("names that a full disk did not take are there once it has taken them", arguments: 0..<100 as Range<UInt64>)
    func fullDisk(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let disk = VirtualDisk()
        let leases = try BlobLeases(on: disk)
        disk.refuseWrites(.percent(40), seed: seed)
        for number in 0..<12 as Range<UInt8> {
            while (try? leases.add([digest(number), digest(number &+ 50)], to: digest(100))) == nil {}
        }
        disk.takeWrites()
        disk.crash(using: &dice)
        let all = (0..<12 as Range<UInt8>).flatMap { [digest($0), digest($0 &+ 50)] }
        // Where a sync failed there may be the name of no blob.
        #expect(try ended(BlobLeases(on: disk), digest(100)).isSuperset(of: all))
    }
}
