import Keys
import Testing
import Wire

@Suite("Ed25519")
struct SignatureTests {
    private struct File: Decodable {
        struct Group: Decodable {
            struct Key: Decodable { let pk: String }
            let publicKey: Key
            let tests: [Vector]
        }
        struct Vector: Decodable {
            let tcId: Int
            let msg: String
            let sig: String
            let result: String
        }
        let numberOfTests: Int
        let testGroups: [Group]
    }

    @Test("every Wycheproof signature verifies, or fails, as it says")
    func wycheproof() throws {
        let file = try fixture("wycheproof/ed25519_test.json", as: File.self)
        var used = 0
        for group in file.testGroups {
            let key = try #require(PublicKey(bytes: try hex(group.publicKey.pk)))
            for vector in group.tests {
                used += 1
                let message = try hex(vector.msg)
                let verifies = Signature(bytes: try hex(vector.sig)).map { key.verifiesRaw($0, of: message) } ?? false
                #expect(verifies == (vector.result == "valid"), "test \(vector.tcId)")
            }
        }
        #expect(used == file.numberOfTests && used == 101)
    }

    @Test("RFC 8032 test 1 and 2: key, signature and verification")
    func rfc8032() throws {
        for (seed, publicKey, message, signature) in [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
            ),
        ] {
            let key = try #require(SigningKey(seed: try hex(seed)))
            #expect(Hex.encode(key.publicKey.bytes) == publicKey)
            let made = key.signRaw(try hex(message))
            #expect(Hex.encode(made.bytes) == signature)
            #expect(key.publicKey.verifiesRaw(made, of: try hex(message)))
            #expect(Hex.encode(key.seed) == seed)
        }
    }

    @Test("one changed bit of signature, message or key is refused, and so is another purpose")
    func everyBit() throws {
        let key = try testKey(3)
        let message = Array("seven figs".utf8)
        let signature = key.sign(message, for: "vote")
        #expect(key.publicKey.verifies(signature, of: message, for: "vote"))
        #expect(!key.publicKey.verifies(signature, of: message, for: "votes"))
        #expect(!key.publicKey.verifiesRaw(signature, of: message))
        for bit in 0..<512 {
            let changed = try #require(Signature(bytes: flip(signature.bytes, bit)))
            #expect(!key.publicKey.verifies(changed, of: message, for: "vote"), "bit \(bit)")
        }
        for bit in 0..<message.count * 8 {
            #expect(!key.publicKey.verifies(signature, of: flip(message, bit), for: "vote"), "bit \(bit)")
        }
        for bit in 0..<256 {
            let other = try #require(PublicKey(bytes: flip(key.publicKey.bytes, bit)))
            #expect(!other.verifies(signature, of: message, for: "vote"), "bit \(bit)")
        }
    }

    @Test("keys, signatures and accounts have one encoding and the right lengths")
    func encodings() throws {
        let key = try testKey(4)
        try expectCanonical(key.publicKey)
        try expectCanonical(AccountID(key.publicKey))
        try expectCanonical(key.signRaw([]))
        #expect(SigningKey(seed: [UInt8](repeating: 0, count: 31)) == nil)
        #expect(PublicKey(bytes: [UInt8](repeating: 0, count: 33)) == nil)
        #expect(Signature(bytes: [UInt8](repeating: 0, count: 63)) == nil)
        #expect(SigningKey.generate().publicKey != SigningKey.generate().publicKey)
    }

    @Test("keys are ordered as their bytes are", arguments: 0..<50 as Range<UInt64>)
    func order(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var left = (0..<32).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        var right = left
        right[Int(generator.next(below: 32))] = UInt8(truncatingIfNeeded: generator.next())
        if generator.next() & 1 == 0 { swap(&left, &right) }
        let keys = try (#require(PublicKey(bytes: left)), #require(PublicKey(bytes: right)))
        #expect((keys.0 < keys.1) == left.lexicographicallyPrecedes(right))
        #expect((keys.0 == keys.1) == (left == right))
        #expect(keys.0.bytes == left)
    }
}
