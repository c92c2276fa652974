import Keys
import Simulation
import Store
import Testing

@Suite("Stores on a disk that loses power")
struct CrashTests {
    private func isDiskFailure(_ error: any Error) -> Bool {
        if let error = error as? StoreError, case .disk = error { true } else { false }
    }

    @Test("a journal keeps all that was synced, in order, wherever the power goes", arguments: 0..<300 as Range<UInt64>)
    func journal(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let disk = VirtualDisk()
        var synced: [[UInt8]] = []
        var appended: [[UInt8]] = []
        var number: UInt8 = 0
        for _ in 0..<6 {
            disk.failPower(afterWrites: Int(dice.next(below: 40)))
            do {
                var journal = try Journal.open(on: disk, directory: "j", segmentLimit: 100)
                let found = try journal.records().map(\.payload)
                #expect(found.starts(with: synced), "synced records are there")
                #expect(appended.starts(with: found), "and nothing that was never written")
                synced = found
                appended = found
                for _ in 0..<20 {
                    number &+= 1
                    let payload = [UInt8](repeating: number, count: Int(dice.next(below: 60)))
                    appended.append(payload)
                    _ = try journal.append(payload)
                    if dice.next(below: 3) == 0 {
                        try journal.sync()
                        synced = appended
                    }
                }
            } catch {
                // The power went: the next turn starts over.
                #expect(isDiskFailure(error))
            }
            disk.crash(using: &dice)
        }
    }

    @Test(
        "blocks, blobs and snapshots that were confirmed are there after a loss of power",
        arguments: 0..<60 as Range<UInt64>)
    func stores(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let disk = VirtualDisk()
        var head: UInt64 = 0
        var snapshot: UInt64 = 0
        var blobs: [Digest] = []
        for _ in 0..<6 {
            disk.failPower(afterWrites: Int(dice.next(below: 120)))
            do {
                var store = try BlockStore(on: disk, segmentLimit: 300)
                #expect((store.head ?? 0) >= head)
                head = store.head ?? 0
                for height in stride(from: 1, through: head, by: 1) {
                    #expect(try store.read(height)?.block == [UInt8](repeating: UInt8(height), count: 20))
                }
                let snapshots = try SnapshotStore(on: disk)
                #expect((try snapshots.latest()?.height ?? 0) >= snapshot)
                let blobStore = try BlobStore(on: disk, quota: 1 << 20)
                for digest in blobs { #expect(try blobStore.get(digest) != nil) }
                for _ in 0..<8 {
                    let next = head + 1
                    try store.append(.init(height: next, block: [UInt8](repeating: UInt8(next), count: 20), commit: []))
                    head = next
                    try snapshots.save(Snapshot(height: next, content: [UInt8(next)]))
                    snapshot = next
                    blobs.append(try blobStore.put([UInt8](repeating: UInt8(next), count: 30)))
                }
            } catch {
                // The power went: the next turn starts over.
                #expect(isDiskFailure(error))
            }
            disk.crash(using: &dice)
        }
    }
}
