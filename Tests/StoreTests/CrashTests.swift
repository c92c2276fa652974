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
        "a journal on a disk that is full now and then takes again what it did not, in order, and forgets nothing",
        arguments: 0..<300 as Range<UInt64>)
    func fullDisk(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let disk = VirtualDisk()
        var sure: [[UInt8]] = []
        // One that failed since the last that did not may be there after a crash.
        var doubtful: [[UInt8]] = []
        var number: UInt8 = 0
        for _ in 0..<4 {
            var journal = try Journal.open(on: disk, directory: "j", segmentLimit: 100)
            let found = try journal.records().map(\.payload)
            #expect(found == sure || doubtful.contains { found == sure + [$0] })
            (sure, doubtful) = (found, [])
            disk.refuseWrites(.percent(30), seed: dice.next())
            for _ in 0..<20 {
                number &+= 1
                let payload = [UInt8](repeating: number, count: Int(dice.next(below: 60)))
                do {
                    if dice.next(below: 8) == 0 { try journal.rotate() }
                    _ = try journal.record(payload)
                    sure.append(payload)
                    doubtful = []
                } catch { doubtful.append(payload) }
            }
            if dice.next(below: 2) == 0 {
                disk.takeWrites()
                try journal.sync()
                #expect(try journal.records().map(\.payload) == sure)
                doubtful = []
            }
            disk.crash(using: &dice)
        }
    }

    @Test(
        "records that were appended before a sync failed are durable after the sync that succeeds",
        arguments: 0..<100 as Range<UInt64>)
    func droppedPages(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let disk = VirtualDisk()
        var journal = try Journal.open(on: disk, directory: "j", segmentLimit: 200)
        disk.refuseWrites(.percent(40), seed: seed)
        var appended: [[UInt8]] = []
        for number in 0..<30 as Range<UInt8> {
            while (try? journal.append([number, number])) == nil {}
            appended.append([number, number])
            if dice.next(below: 4) == 0 { while (try? journal.sync()) == nil {} }
        }
        while (try? journal.sync()) == nil {}
        disk.crash(using: &dice)
        #expect(try Journal.open(on: disk, directory: "j").records().map(\.payload) == appended)
    }

    @Test("a block that a full disk did not take is appended later, once", arguments: 0..<60 as Range<UInt64>)
    func blocksOnFullDisk(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let disk = VirtualDisk()
        var store = try BlockStore(on: disk, segmentLimit: 300)
        disk.refuseWrites(.percent(40), seed: seed)
        for height in 1...20 as ClosedRange<UInt64> {
            let entry = BlockStore.Entry(
                height: height, block: [UInt8](repeating: UInt8(height), count: 20), commit: [])
            while (try? store.append(entry)) == nil { #expect(store.head ?? 0 == height - 1) }
        }
        disk.crash(using: &dice)
        var again = try BlockStore(on: disk, segmentLimit: 300)
        #expect(again.head == 20)
        for height in 1...20 as ClosedRange<UInt64> { #expect(try again.read(height)?.block.first == UInt8(height)) }
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
