import Keys
import Testing
import Wire

@Suite("ECVRF")
struct VRFTests {
    struct Vector: Decodable, Sendable {
        let suite: String
        let valid: Bool?
        let comment: String?
        let sk: String?
        let pk: String?
        let alpha: String?
        let pi: String?
        let beta: String?
    }

    private let suite = "ECVRF-EDWARDS25519-SHA512-TAI"

    @Test(
        "every official and derived vector of our suite is reproduced; every wrong one and every other suite is refused"
    )
    func vectors() throws {
        var used = 0
        for file in ["rfc9381_examples.json", "derived.json"] {
            for vector in try fixture("ecvrf/\(file)", as: [Vector].self) {
                used += 1
                let alpha = try hex(vector.alpha ?? "")
                let bytes = try hex(vector.pi ?? "")
                let key = Hex.decode(vector.pk ?? "").flatMap { PublicKey(bytes: $0) }
                let output = VRFProof(bytes: bytes).flatMap { key?.verify($0, alpha: alpha) }
                guard vector.suite == suite, vector.valid ?? true else {
                    #expect(output == nil, "\(vector.suite) \(vector.comment ?? "")")
                    continue
                }
                let signing = try #require(SigningKey(seed: try hex(vector.sk ?? "")))
                #expect(signing.publicKey == key)
                #expect(signing.prove(alpha: alpha).bytes == bytes)
                #expect(Hex.encode(output?.bytes ?? []) == vector.beta)
            }
        }
        #expect(used == 8 + 66)
    }

    @Test("a key or a Gamma with a part of small order is refused, although the RFC's own rules accept these proofs")
    func mixedOrder() throws {
        let vectors = try fixture("ecvrf/mixed_order.json", as: [Mixed].self)
        #expect(vectors.count == 6)
        for vector in vectors {
            let key = try #require(PublicKey(bytes: try hex(vector.pk)))
            let proof = try #require(VRFProof(bytes: try hex(vector.pi)))
            #expect(key.verify(proof, alpha: try hex(vector.alpha)) == nil, "\(vector.comment)")
        }
    }

    private struct Mixed: Decodable {
        let comment: String
        let pk: String
        let alpha: String
        let pi: String
    }

    @Test("a key that is no point, or one of small order, has no proofs")
    func badKeys() throws {
        let proof = try testKey(7).prove(alpha: [])
        let zeros = [UInt8](repeating: 0, count: 31)
        let ones = [UInt8](repeating: 0xff, count: 30)
        // The identity, order two, order four, y = p, y = 2^255 - 1, the identity with a sign, y = 2 (no point).
        for bytes in [
            [1] + zeros, [0xec] + ones + [0x7f], [0] + zeros, [0xed] + ones + [0x7f], [0xff] + ones + [0xff],
            [1] + zeros.dropLast() + [0x80], [2] + zeros,
        ] {
            let key = try #require(PublicKey(bytes: bytes))
            #expect(key.verify(proof, alpha: []) == nil)
            let gamma = try #require(VRFProof(bytes: bytes + proof.bytes.dropFirst(32)))
            #expect(try testKey(7).publicKey.verify(gamma, alpha: []) == nil)
        }
    }

    @Test("one changed bit of the proof, the input or the key is refused")
    func everyBit() throws {
        let signing = try testKey(7)
        let alpha = Array("alpha".utf8)
        let proof = signing.prove(alpha: alpha)
        #expect(signing.publicKey.verify(proof, alpha: alpha) != nil)
        for bit in 0..<VRFProof.length * 8 {
            let changed = try #require(VRFProof(bytes: flip(proof.bytes, bit)))
            #expect(signing.publicKey.verify(changed, alpha: alpha) == nil, "bit \(bit) of the proof")
        }
        for bit in 0..<alpha.count * 8 {
            #expect(signing.publicKey.verify(proof, alpha: flip(alpha, bit)) == nil, "bit \(bit) of the input")
        }
        for bit in 0..<256 {
            let other = try #require(PublicKey(bytes: flip(signing.publicKey.bytes, bit)))
            #expect(other.verify(proof, alpha: alpha) == nil, "bit \(bit) of the key")
        }
    }

    @Test("the output of one input is one value, and differs between inputs and between keys")
    func outputs() throws {
        let keys = try (0..<4 as Range<UInt8>).map { try testKey($0) }
        var seen: Set<VRFOutput> = []
        for key in keys {
            for input in 0..<8 as Range<UInt64> {
                let proof = key.prove(alpha: input.canonicalBytes)
                #expect(proof == key.prove(alpha: input.canonicalBytes))
                seen.insert(try #require(key.publicKey.verify(proof, alpha: input.canonicalBytes)))
            }
        }
        #expect(seen.count == 32)
    }
}
