import Store
import Testing

@Suite("Journal")
struct JournalTests {
    private let payloads: [[UInt8]] = [[1, 2, 3], [], [UInt8](repeating: 7, count: 300), [9]]

    private func filled(_ disk: FileDisk, segmentLimit: UInt64 = 1 << 20) throws -> Journal {
        var journal = try Journal.open(on: disk, directory: "j", segmentLimit: segmentLimit)
        for payload in payloads {
            _ = try journal.append(payload)
            try journal.sync()
        }
        return journal
    }

    @Test("what was appended is there after reopening, also across segments", arguments: [1, 40, 1 << 20] as [UInt64])
    func reopening(segmentLimit: UInt64) throws {
        let directory = try TemporaryDirectory()
        let before = try filled(directory.disk, segmentLimit: segmentLimit)
        let after = try Journal.open(on: try FileDisk(root: directory.path), directory: "j", segmentLimit: segmentLimit)
        #expect(try after.records().map(\.payload) == payloads)
        #expect(after.segments == before.segments)
        for record in try after.records() { #expect(try after.read(at: record.position) == record.payload) }
    }

    @Test("a journal cut at any byte opens with the whole records before the cut, and takes new ones")
    func tornEnd() throws {
        let whole = try TemporaryDirectory()
        _ = try filled(whole.disk)
        let file = "j/000000000001.log"
        let bytes = try whole.disk.readAll(file)
        var ends = [16]
        for payload in payloads { ends.append(ends[ends.count - 1] + 20 + payload.count) }
        #expect(ends.last == bytes.count)
        for cut in 0...bytes.count {
            let directory = try TemporaryDirectory()
            try directory.disk.createDirectory("j")
            try directory.disk.append(Array(bytes.prefix(cut)), to: file)
            var journal = try Journal.open(on: directory.disk, directory: "j")
            let kept = max(0, ends.count { $0 <= cut } - 1)
            #expect(try journal.records().map(\.payload) == Array(payloads.prefix(kept)), "cut at \(cut)")
            _ = try journal.append([42])
            try journal.sync()
            let again = try Journal.open(on: try FileDisk(root: directory.path), directory: "j")
            #expect(try again.records().map(\.payload) == Array(payloads.prefix(kept)) + [[42]], "cut at \(cut)")
        }
    }

    @Test("one flipped bit is never read as data: the journal refuses it, or it was the last record and goes")
    func flippedBits() throws {
        let whole = try TemporaryDirectory()
        _ = try filled(whole.disk)
        let file = "j/000000000001.log"
        let bytes = try whole.disk.readAll(file)
        let lastRecord = bytes.count - 21
        for index in bytes.indices {
            let directory = try TemporaryDirectory()
            var damaged = bytes
            damaged[index] ^= 1 << UInt8(index % 8)
            try directory.disk.createDirectory("j")
            try directory.disk.append(damaged, to: file)
            if index < lastRecord {
                #expect(throws: StoreError.self, "byte \(index)") {
                    try Journal.open(on: directory.disk, directory: "j")
                }
                #expect(try directory.disk.readAll(file) == damaged, "refusing must not delete")
            } else {
                let journal = try Journal.open(on: directory.disk, directory: "j")
                #expect(try journal.records().map(\.payload) == Array(payloads.dropLast()), "byte \(index)")
            }
        }
    }

    @Test("damage in what was never synced is a torn end, whatever follows it")
    func unsyncedDamage() throws {
        let directory = try TemporaryDirectory()
        var journal = try Journal.open(on: directory.disk, directory: "j")
        for payload in payloads { _ = try journal.append(payload) }
        let file = "j/000000000001.log"
        var bytes = try directory.disk.readAll(file)
        bytes[16 + 20] ^= 1
        let other = try TemporaryDirectory()
        try other.disk.createDirectory("j")
        try other.disk.append(bytes, to: file)
        #expect(try Journal.open(on: other.disk, directory: "j").records() == [])
    }

    @Test("damage in an older segment, or a missing one, is refused")
    func olderSegments() throws {
        let directory = try TemporaryDirectory()
        let journal = try filled(directory.disk, segmentLimit: 1)
        #expect(journal.segments == [1, 2, 3, 4])
        try directory.disk.remove("j/000000000002.log")
        #expect(throws: StoreError.corrupt(path: "j/000000000002.log", offset: 0, reason: "the segment is missing")) {
            try Journal.open(on: directory.disk, directory: "j")
        }
        let other = try TemporaryDirectory()
        let torn = try filled(other.disk, segmentLimit: 1)
        try other.disk.truncate("j/000000000001.log", to: 20)
        #expect(throws: StoreError.self) { try torn.records() }
    }

    @Test("a record that was copied to another place is refused")
    func copiedRecord() throws {
        let directory = try TemporaryDirectory()
        _ = try filled(directory.disk)
        let file = "j/000000000001.log"
        let last = Array(try directory.disk.readAll(file).suffix(21))
        try directory.disk.append(last, to: file)
        let journal = try Journal.open(on: directory.disk, directory: "j")
        #expect(try journal.records().map(\.payload) == payloads)
    }

    @Test("discarding removes only older segments, and never the last")
    func discarding() throws {
        let directory = try TemporaryDirectory()
        var journal = try filled(directory.disk, segmentLimit: 1)
        try journal.discardSegments(before: 3)
        #expect(journal.segments == [3, 4])
        try journal.discardSegments(before: 99)
        #expect(journal.segments == [4])
        #expect(try Journal.open(on: directory.disk, directory: "j").records().map(\.payload) == [[9]])
    }

    @Test("a record above the limit is refused with its size")
    func recordLimit() throws {
        let directory = try TemporaryDirectory()
        var journal = try Journal.open(on: directory.disk, directory: "j")
        let size = Journal.recordLimit + 1
        #expect(throws: StoreError.recordTooLong(bytes: size, limit: Journal.recordLimit)) {
            try journal.append([UInt8](repeating: 0, count: size))
        }
    }

    @Test(
        "a write or sync that fails leaves the journal as it was, and the next one goes on",
        arguments: [FaultyDisk.Fault.append, .sync])
    func goesOn(fault: FaultyDisk.Fault) throws {
        let directory = try TemporaryDirectory()
        let disk = FaultyDisk(directory.disk)
        var journal = try Journal.open(on: disk, directory: "j")
        _ = try journal.append([1])
        for _ in 0..<3 {
            disk.arm(fault)
            #expect(throws: StoreError.disk(.failed(call: "\(fault)", path: "j/000000000001.log", code: 5))) {
                try journal.record([2])
            }
            disk.arm(nil)
        }
        #expect(try journal.records().map(\.payload) == [[1]])
        _ = try journal.record([3])
        let again = try Journal.open(on: try FileDisk(root: directory.path), directory: "j")
        #expect(try again.records().map(\.payload) == [[1], [3]])
    }

    @Test("CRC-32C gives the checks of RFC 3720, appendix B.4")
    func checksum() {
        func crc(_ bytes: [UInt8]) -> UInt32 {
            var crc = CRC32C()
            crc.update(bytes)
            return crc.value
        }
        #expect(crc([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(crc([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
        #expect(crc(Array(0..<32)) == 0x46dd_794e)
        #expect(crc(Array("123456789".utf8)) == 0xe306_9283)
    }
}
