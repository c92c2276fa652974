import Keys
import Testing
import Wire

@Suite("Derived keys")
struct DerivationTests {
    private struct Vector: Decodable {
        let set: String
        let curve: String
        let seed: String
        let path: String
        let chain_code: String
        let `private`: String
        let `public`: String
    }

    @Test("every SLIP-0010 vector of our two curves is reproduced")
    func vectors() throws {
        let vectors = try fixture("hdkeys/slip10.json", as: [Vector].self)
        #expect(vectors.count == 16)
        for vector in vectors {
            let path = try #require(DerivationPath(vector.path))
            let isSigning = vector.curve == "ed25519"
            let secret = try #require(
                DerivedSecret(seed: try hex(vector.seed), curve: isSigning ? .ed25519 : .x25519, path: path))
            #expect(Hex.encode(secret.bytes) == vector.private, "\(vector.curve) \(vector.set) \(vector.path)")
            #expect(Hex.encode(secret.chainCode) == vector.chain_code)
            let key = try #require(
                isSigning
                    ? SigningKey(seed: secret.bytes)?.publicKey.bytes : X25519(privateKey: secret.bytes)?.publicKey)
            #expect(vector.public.hasSuffix(Hex.encode(key)))
        }
    }

    @Test("each path of a key is another key, and the same each time")
    func paths() throws {
        let key = try testKey(1)
        var seen: Set<PublicKey> = [key.publicKey]
        for text in ["m", "m/0'", "m/1'", "m/0'/0'", "m/0'/1'", "m/2147483647'"] {
            let path = try #require(DerivationPath(text))
            #expect(path.description == text)
            #expect(key.derived(path).publicKey == key.derived(path).publicKey)
            seen.insert(key.derived(path).publicKey)
        }
        #expect(seen.count == 7)
        #expect(DerivedSecret(seed: [1], curve: .ed25519, path: try #require(DerivationPath("m"))) == nil)
    }

    @Test(
        "what is no hardened path is refused",
        arguments: [
            "", "n", "m/", "m/0", "m/'", "m/0h", "m/00'", "m/2147483648'", "m/-1'", "m/+1'", "/0'", "m//0'", "m/0'/",
        ])
    func refused(text: String) { #expect(DerivationPath(text) == nil) }

    @Test("a path of more than sixteen steps is refused")
    func depth() {
        #expect(DerivationPath([UInt32](repeating: 0, count: 16)) != nil)
        #expect(DerivationPath([UInt32](repeating: 0, count: 17)) == nil)
    }
}
