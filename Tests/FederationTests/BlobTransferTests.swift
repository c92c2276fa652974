import Federation
import Keys
import Testing
import Wire

@Suite struct BlobTransferTests {
    private func blob(_ count: Int) -> [UInt8] {
        var dice = SeededGenerator(seed: UInt64(count))
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
    }

    @Test(
        "a blob of any size arrives whole, in parts of at most 1 MiB",
        arguments: [0, 1, 1000, 1 << 20, 1 << 20 + 1, 3 << 20])
    func whole(count: Int) throws {
        let blob = blob(count)
        var download = BlobDownload(of: Digest(of: blob, domain: "blob"), limit: count)
        var parts = 0
        var found: [UInt8]?
        while found == nil {
            let answer = download.request.answer(from: blob)
            #expect(answer.canonicalBytes.count <= BlobAnswer.encodedLimit)
            found = try download.accept(answer)
            parts += 1
        }
        #expect(found == blob)
        #expect(parts == max(1, (count + (1 << 20) - 1) >> 20))
    }

    @Test("a peer that lies about size, sends too much, nothing, or other bytes is found out")
    func liars() throws {
        let blob = blob(100)
        let digest = Digest(of: blob, domain: "blob")
        func accept(_ answers: [BlobAnswer], limit: Int = 100) throws {
            var download = BlobDownload(of: digest, limit: limit)
            for answer in answers { _ = try download.accept(answer) }
        }
        #expect(throws: BlobDownload.Failure.missing) { try accept([.missing]) }
        #expect(throws: BlobDownload.Failure.tooLong(total: 100, limit: 99)) {
            try accept([.chunk(total: 100, bytes: blob)], limit: 99)
        }
        #expect(throws: BlobDownload.Failure.inconsistent) { try accept([.chunk(total: 100, bytes: [])]) }
        #expect(throws: BlobDownload.Failure.inconsistent) { try accept([.chunk(total: 99, bytes: blob)]) }
        #expect(throws: BlobDownload.Failure.inconsistent) {
            try accept([.chunk(total: 100, bytes: [1]), .chunk(total: 99, bytes: [1])])
        }
        #expect(throws: BlobDownload.Failure.self) { try accept([.chunk(total: .max, bytes: blob)]) }
        for bit in 0..<800 {
            var changed = blob
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            let found = Digest(of: changed, domain: "blob")
            #expect(throws: BlobDownload.Failure.wrongDigest(found)) {
                try accept([.chunk(total: 100, bytes: changed)])
            }
        }
    }

    @Test("a request beyond the end, or for what is not here, is answered with missing")
    func missing() {
        let request = BlobRequest(digest: .zero, offset: 100)
        #expect(request.answer(from: blob(100)) == .missing)
        #expect(request.answer(from: nil) == .missing)
        #expect(BlobRequest(digest: .zero, offset: .max).answer(from: blob(100)) == .missing)
    }

    @Test("every truncation and every flipped bit of a message is refused or encodes to itself")
    func canonical() throws {
        func check<Message: Canonical & Equatable>(_ message: Message) throws {
            let bytes = message.canonicalBytes
            #expect(try Message(canonicalBytes: bytes) == message)
            for length in bytes.indices {
                #expect(throws: WireError.self) { try Message(canonicalBytes: Array(bytes[..<length])) }
            }
            for bit in 0..<bytes.count * 8 {
                var changed = bytes
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                guard let read = try? Message(canonicalBytes: changed) else { continue }
                #expect(read != message && read.canonicalBytes == changed)
            }
        }
        try check(BlobRequest(digest: Digest(of: [1], domain: "test"), offset: 77))
        try check(BlobAnswer.missing)
        try check(BlobAnswer.chunk(total: 5, bytes: [1, 2, 3]))
    }

    @Test("random bytes never crash a decoder, and what is accepted encodes to itself")
    func fuzz() {
        var dice = SeededGenerator(seed: 5)
        for _ in 0..<20_000 {
            let bytes = (0..<dice.next(below: 60)).map { _ in
                UInt8(truncatingIfNeeded: dice.next() >> dice.next(below: 8))
            }
            if let value = try? BlobRequest(canonicalBytes: bytes) { #expect(value.canonicalBytes == bytes) }
            if let value = try? BlobAnswer(canonicalBytes: bytes) { #expect(value.canonicalBytes == bytes) }
        }
    }
}
