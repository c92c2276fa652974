import Keys
import Testing
import Wire

@Suite("Digests")
struct DigestTests {
    @Test(
        "SHA-256 agrees with FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func known(message: String, digest: String) {
        #expect(Digest(sha256: Array(message.utf8)).description == digest)
    }

    @Test(
        "messages of a batch have the digests that they have alone, for every length about a block's end and every number of them"
    )
    func batches() {
        for length in Array(0...130) + [2317, 4096] {
            let messages = (0..<SHA256Batch.limit).map { number in
                (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7 + number * 131) }
            }
            let expected = messages.map { Digest(sha256: $0) }
            for count in 1...SHA256Batch.limit {
                var batch = SHA256Batch(length: length, capacity: count)
                for number in 0..<count {
                    unsafe batch.withMessage(number) { unsafe $0.copyBytes(from: messages[number]) }
                }
                var digests: [Digest] = []
                batch.digests(count) { number, digest in
                    #expect(number == digests.count)
                    digests.append(digest)
                }
                #expect(digests == Array(expected.prefix(count)))
            }
        }
    }

    @Test(
        "a million letters give the digest of FIPS 180-4, whatever the pieces", arguments: [1, 63, 64, 65, 1000, 65536])
    func million(piece: Int) {
        var hasher = SHA256()
        var left = 1_000_000
        let letters = [UInt8](repeating: UInt8(ascii: "a"), count: piece)
        while left > 0 {
            hasher.update(Array(letters[..<min(piece, left)]))
            left -= piece
        }
        let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        #expect(hasher.finish().description == expected)
    }

    @Test("a copy of a hasher continues on its own, and numbers are hashed as their bits")
    func values() {
        var hasher = SHA256()
        hasher.update([1, 2])
        var copy = hasher
        hasher.update([3])
        copy.update([4])
        #expect(hasher.finish() == Digest(sha256: [1, 2, 3]))
        #expect(copy.finish() == Digest(sha256: [1, 2, 4]))
        var numbers = SHA256()
        numbers.update(numbers: [Float(bitPattern: 1), Float(bitPattern: 0x0203_0405)])
        #expect(numbers.finish() == Digest(sha256: [1, 0, 0, 0, 5, 4, 3, 2]))
        var empty = SHA256()
        empty.update(numbers: [])
        #expect(empty.finish() == Digest(sha256: []))
    }

    @Test("HMAC, which is libsodium's, is what RFC 2104 makes of our SHA-256", arguments: 0..<140)
    func againstHMAC(length: Int) {
        let key = (0..<32).map { UInt8($0) }
        let message = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let inner = Digest(sha256: pad(key, 0x36) + message)
        #expect(Digest(sha256: pad(key, 0x5c) + inner.bytes).bytes == HMACSHA256.authenticate(message, key: key))
    }

    private func pad(_ key: [UInt8], _ byte: UInt8) -> [UInt8] {
        (key + [UInt8](repeating: 0, count: 64 - key.count)).map { $0 ^ byte }
    }

    @Test("a domain is hashed in front, so that no digest serves two purposes")
    func domains() {
        let message: [UInt8] = [1, 2, 3]
        #expect(Digest(of: message, domain: "blob") == Digest(sha256: Array("banyan/blob".utf8) + [0] + message))
        #expect(Digest(of: message, domain: "a") != Digest(of: message, domain: "b"))
        #expect(UInt64(7).digest("seed") == Digest(of: UInt64(7).canonicalBytes, domain: "seed"))
    }

    @Test("a digest has 32 bytes, one text, the order of its bytes, and one encoding")
    func forms() throws {
        let bytes = (0..<32).map { UInt8($0) }
        let digest = try #require(Digest(bytes: bytes))
        #expect(digest.bytes == bytes && Digest(hex: digest.description) == digest && digest.short == "00010203")
        #expect(Digest(bytes: bytes + [0]) == nil && Digest(hex: "00") == nil && Digest(hex: "zz") == nil)
        #expect(Digest.zero.bytes == [UInt8](repeating: 0, count: 32))
        try expectCanonical(digest)
        for bit in 0..<256 {
            let other = try #require(Digest(bytes: flip(bytes, bit)))
            #expect(other != digest)
            #expect((other < digest) == other.bytes.lexicographicallyPrecedes(bytes))
        }
    }
}

@Suite("Seeded generator")
struct SeededGeneratorTests {
    @Test("the numbers of a seed never change")
    func golden() throws {
        var generator = SeededGenerator(seed: .zero)
        // ChaCha20 with a zero key and nonce, RFC 8439 appendix A.1, test vectors 1 and 2.
        let first = try hex(
            "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
                + "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"
                + "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed")
        for offset in stride(from: 0, to: first.count, by: 8) {
            #expect(generator.next() == first[offset..<offset + 8].reduce(0) { $0 << 8 | UInt64($1) })
        }
    }

    @Test("the stream goes on over the end of its buffer, and copies go on alike")
    func buffers() {
        var one = SeededGenerator(seed: 7)
        let numbers = (0..<2000).map { _ in one.next() }
        #expect(Set(numbers).count == 2000)
        var two = SeededGenerator(seed: 7)
        #expect((0..<700).map { _ in two.next() } == Array(numbers[..<700]))
        var copy = two
        #expect((0..<1300).map { _ in copy.next() } == Array(numbers[700...]))
        #expect((0..<1300).map { _ in two.next() } == Array(numbers[700...]))
        var other = SeededGenerator(seed: 8)
        #expect(other.next() != numbers[0])
    }

    @Test("numbers below a bound are below it, reach every value, and are even")
    func bounded() {
        var generator = SeededGenerator(seed: 1)
        for bound in [1, 2, 3, 7, 1000, 1 << 63, .max] as [UInt64] {
            for _ in 0..<200 { #expect(generator.next(below: bound) < bound) }
        }
        var counts = [Int](repeating: 0, count: 6)
        for _ in 0..<60_000 { counts[Int(generator.next(below: 6))] += 1 }
        // Six standard deviations of a fair die: sqrt(60000 * 1/6 * 5/6) = 91.
        #expect(counts.allSatisfy { abs($0 - 10_000) < 550 })
    }
}
