import Keys
import Testing
import Wire

@Suite("BLAKE3")
struct BLAKE3Tests {
    private struct Vectors: Decodable {
        struct Case: Decodable {
            let input_len: Int
            let hash: String
            let keyed_hash: String
            let derive_key: String
        }
        let key: String
        let context_string: String
        let cases: [Case]
    }

    private func input(_ length: Int) -> [UInt8] { (0..<length).map { UInt8($0 % 251) } }

    @Test("every way of this processor gives the first 32 bytes of the official vectors, in all three modes")
    func vectors() throws {
        let vectors = try fixture("blake3/test_vectors.json", as: Vectors.self)
        #expect(vectors.cases.count == 24)
        let context = BLAKE3Rows(mode: .deriveKeyContext).digest(Array(vectors.context_string.utf8))
        for lanes in BLAKE3Rows.Lanes.available {
            let plain = BLAKE3Rows(mode: .hash, lanes: lanes)
            let keyed = BLAKE3Rows(key: Array(vectors.key.utf8), mode: .keyedHash, lanes: lanes)
            let derived = BLAKE3Rows(key: context.bytes, mode: .deriveKeyMaterial, lanes: lanes)
            for vector in vectors.cases {
                let input = input(vector.input_len)
                #expect(plain.digest(input).description == vector.hash.prefix(64), "\(lanes), \(input.count) bytes")
                #expect(
                    keyed.digest(input).description == vector.keyed_hash.prefix(64), "\(lanes), \(input.count) bytes")
                #expect(
                    derived.digest(input).description == vector.derive_key.prefix(64), "\(lanes), \(input.count) bytes")
            }
        }
        for vector in vectors.cases {
            let derived = BLAKE3Rows(context: vectors.context_string).digest(input(vector.input_len))
            #expect(derived.description == vector.derive_key.prefix(64))
        }
    }

    @Test(
        "rows have the digests that they have alone, for every number of them and every length about a block's and a chunk's end"
    )
    func rows() {
        for lanes in BLAKE3Rows.Lanes.available {
            let hash = BLAKE3Rows(mode: .hash, lanes: lanes)
            for length in [1, 3, 63, 64, 65, 128, 1023, 1024, 1025, 2048, 2049, 2304, 3072, 5121] {
                for count in [1, 2, 7, 15, 16, 17, 31, 33] {
                    let bytes = (0..<length * count).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 / length * 131) }
                    let expected = (0..<count).map {
                        BLAKE3Rows(mode: .hash, lanes: .portable).digest(Array(bytes[$0 * length..<($0 + 1) * length]))
                    }
                    var digests: [Digest] = []
                    unsafe bytes.withUnsafeBytes {
                        unsafe hash.digests($0, length: length) { number, digest in
                            #expect(number == digests.count)
                            digests.append(digest)
                        }
                    }
                    #expect(digests == expected, "\(lanes), \(count) rows of \(length) bytes")
                }
            }
        }
    }

    @Test("a changed bit anywhere in a row changes its digest and no other's")
    func bits() {
        let (length, count) = (1100, 5)
        let rows = BLAKE3Rows(context: "a test")
        func digests(_ bytes: [UInt8]) -> [Digest] {
            var digests: [Digest] = []
            unsafe bytes.withUnsafeBytes { unsafe rows.digests($0, length: length) { digests.append($1) } }
            return digests
        }
        let bytes = input(length * count), expected = digests(bytes)
        for bit in stride(from: 0, to: bytes.count * 8, by: 7) {
            let changed = digests(flip(bytes, bit))
            for row in 0..<count { #expect((changed[row] != expected[row]) == (bit / 8 / length == row)) }
        }
    }
}
