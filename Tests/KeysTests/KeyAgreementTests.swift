import Keys
import Testing
import Wire

@Suite("X25519")
struct KeyAgreementTests {
    private struct File: Decodable {
        struct Group: Decodable { let tests: [Vector] }
        struct Vector: Decodable {
            let tcId: Int
            let flags: [String]
            let `public`: String
            let `private`: String
            let shared: String
            let result: String
        }
        let numberOfTests: Int
        let testGroups: [Group]
    }

    @Test("every Wycheproof exchange gives its secret, and an all-zero secret is refused")
    func wycheproof() throws {
        let file = try fixture("wycheproof/x25519_test.json", as: File.self)
        var used = 0
        var refused = 0
        for vector in file.testGroups.flatMap(\.tests) {
            used += 1
            let key = try #require(X25519(privateKey: try hex(vector.private)))
            let shared = key.sharedSecret(with: try hex(vector.public))
            if vector.flags.contains("ZeroSharedSecret") {
                refused += 1
                #expect(shared == nil, "test \(vector.tcId)")
            } else {
                let expected = try hex(vector.shared)
                #expect(shared == expected, "test \(vector.tcId)")
            }
        }
        #expect(used == file.numberOfTests && used == 346 && refused > 10)
    }

    @Test("two parties agree, a third does not, and wrong lengths are refused")
    func agreement() throws {
        let (a, b, c) = (X25519.generate(), X25519.generate(), X25519.generate())
        let shared = try #require(a.sharedSecret(with: b.publicKey))
        #expect(shared == b.sharedSecret(with: a.publicKey))
        #expect(shared != c.sharedSecret(with: a.publicKey))
        #expect(a.sharedSecret(with: Array(b.publicKey.dropLast())) == nil)
        #expect(a.sharedSecret(with: [UInt8](repeating: 0, count: 32)) == nil)
        #expect(X25519(privateKey: [1]) == nil)
    }
}
