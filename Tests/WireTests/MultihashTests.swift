import Testing
import Wire

@Suite("Multihash and CID")
struct MultihashTests {
    @Test("the length of a digest must fit its function")
    func lengths() throws {
        let digest = [UInt8](repeating: 7, count: 32)
        let hash = try #require(Multihash(function: Multihash.Function.sha256, digest: digest))
        #expect(hash.bytes == [0x12, 0x20] + digest)
        #expect(try Multihash(bytes: hash.bytes) == hash)
        #expect(Multihash(function: Multihash.Function.sha256, digest: Array(digest.dropLast())) == nil)
        #expect(Multihash(function: Multihash.Function.sha512, digest: digest) == nil)
        #expect(Multihash(function: 0x1e, digest: [UInt8](repeating: 0, count: 129)) == nil)
        #expect(throws: WireError.self) { try Multihash(bytes: hash.bytes + [0]) }
        for length in hash.bytes.indices {
            #expect(throws: WireError.self) { try Multihash(bytes: Array(hash.bytes[..<length])) }
        }
        #expect(throws: WireError.malformedVarint) { try Multihash(bytes: [0x92, 0x00, 0x20] + digest) }
    }

    @Test("a CID reads back from its text and its bytes, in both versions and in three bases")
    func identifiers() throws {
        let hash = try #require(Multihash(function: Multihash.Function.sha256, digest: (0..<32).map { UInt8($0) }))
        let one = CID(codec: CID.Codec.raw, hash: hash)
        let zero = try #require(CID(version0: hash))
        for cid in [one, zero] {
            #expect(try CID(bytes: cid.bytes) == cid)
            #expect(CID(cid.description) == cid)
        }
        #expect(zero.description.hasPrefix("Qm") && one.description.hasPrefix("bafkrei"))
        #expect(CID("z" + Base58.encode(one.bytes)) == one)
        #expect(CID("f" + Hex.encode(one.bytes)) == one)
        // Version 0 with a multibase prefix, version 2, an unknown base, nothing.
        #expect(CID("z" + Base58.encode(zero.bytes)) == nil)
        #expect(throws: WireError.unknownTag(2, of: "CID version")) { try CID(bytes: [2] + one.bytes.dropFirst()) }
        for wrong in ["", "b", "x123", "B" + one.description.dropFirst()] { #expect(CID(wrong) == nil) }
    }

    @Test("random bytes are no multihash or its only encoding", arguments: 0..<50 as Range<UInt64>)
    func fuzz(seed: UInt64) throws {
        var generator = TestGenerator(seed: seed)
        for _ in 0..<200 {
            var bytes = generator.bytes(Int(generator.next() % 48))
            if bytes.count > 2, generator.next() % 2 == 0 { bytes[1] = UInt8(bytes.count - 2) }
            if let hash = try? Multihash(bytes: bytes) { #expect(hash.bytes == bytes) }
            if let cid = try? CID(bytes: bytes) {
                #expect(cid.bytes == bytes)
                #expect(CID(cid.description) == cid)
            }
        }
    }
}
