import Keys
import Testing
import Wire

@Suite("Authenticated encryption and key derivation")
struct SealingTests {
    private struct AEADFile: Decodable {
        struct Group: Decodable { let tests: [Vector] }
        struct Vector: Decodable {
            let tcId: Int
            let key: String
            let iv: String
            let aad: String
            let msg: String
            let ct: String
            let tag: String
            let result: String
        }
        let numberOfTests: Int
        let testGroups: [Group]
    }

    @Test("every Wycheproof ChaCha20-Poly1305 case seals and opens, or is refused, as it says")
    func chaChaPoly() throws {
        let file = try fixture("wycheproof/chacha20_poly1305_test.json", as: AEADFile.self)
        var used = 0
        for vector in file.testGroups.flatMap(\.tests) {
            used += 1
            let (key, nonce, header) = try (hex(vector.key), hex(vector.iv), hex(vector.aad))
            let sealed = try hex(vector.ct) + hex(vector.tag)
            guard nonce.count == ChaChaPoly.nonceLength else {
                #expect(vector.result == "invalid", "test \(vector.tcId)")  // Our API has one length of nonce.
                continue
            }
            let opened = ChaChaPoly.open(sealed, key: key, nonce: nonce, authenticating: header)
            #expect((opened != nil) == (vector.result == "valid"), "test \(vector.tcId)")
            guard vector.result == "valid" else { continue }
            let message = try hex(vector.msg)
            #expect(opened == message, "test \(vector.tcId)")
            #expect(ChaChaPoly.seal(message, key: key, nonce: nonce, authenticating: header) == sealed)
        }
        #expect(used == file.numberOfTests && used == 217)
    }

    @Test("every Wycheproof XChaCha20-Poly1305 case opens, or is refused, as it says")
    func xChaChaPoly() throws {
        let file = try fixture("wycheproof/xchacha20_poly1305_test.json", as: AEADFile.self)
        var used = 0
        for vector in file.testGroups.flatMap(\.tests) {
            used += 1
            let (key, nonce, header) = try (hex(vector.key), hex(vector.iv), hex(vector.aad))
            let sealed = try hex(vector.ct) + hex(vector.tag)
            guard nonce.count == XChaChaPoly.nonceLength else {
                #expect(vector.result == "invalid", "test \(vector.tcId)")
                continue
            }
            let opened = XChaChaPoly.open(sealed, key: key, nonce: nonce, authenticating: header)
            let message = vector.result == "valid" ? try hex(vector.msg) : nil
            #expect(opened == message, "test \(vector.tcId)")
            guard vector.result == "valid" else { continue }
            #expect(XChaChaPoly.seal(message ?? [], key: key, nonce: nonce, authenticating: header) == sealed)
        }
        #expect(used == file.numberOfTests && used == 210)
    }

    private struct MACFile: Decodable {
        struct Group: Decodable {
            let tagSize: Int
            let tests: [Vector]
        }
        struct Vector: Decodable {
            let tcId: Int
            let key: String
            let msg: String
            let tag: String
            let result: String
        }
        let numberOfTests: Int
        let testGroups: [Group]
    }

    @Test("every Wycheproof HMAC tag is right, or wrong, as it says", arguments: [(256, 116), (512, 116)])
    func hmac(width: Int, count: Int) throws {
        let file = try fixture("wycheproof/hmac_sha\(width)_test.json", as: MACFile.self)
        var used = 0
        for group in file.testGroups {
            for vector in group.tests {
                used += 1
                let (message, key) = try (hex(vector.msg), hex(vector.key))
                let tag =
                    width == 256
                    ? HMACSHA256.authenticate(message, key: key) : HMACSHA512.authenticate(message, key: key)
                let isRight = Array(tag.prefix(group.tagSize / 8)) == (try hex(vector.tag))
                #expect(isRight == (vector.result == "valid"), "test \(vector.tcId)")
            }
        }
        #expect(used == file.numberOfTests && used == count)
    }

    private struct HKDFFile: Decodable {
        struct Group: Decodable { let tests: [Vector] }
        struct Vector: Decodable {
            let tcId: Int
            let ikm: String
            let salt: String
            let info: String
            let size: Int
            let okm: String
            let result: String
        }
        let numberOfTests: Int
        let testGroups: [Group]
    }

    @Test("every Wycheproof HKDF-SHA-256 output is the same, and more than 8,160 bytes cannot be had")
    func hkdf() throws {
        let file = try fixture("wycheproof/hkdf_sha256_test.json", as: HKDFFile.self)
        var used = 0
        for vector in file.testGroups.flatMap(\.tests) {
            used += 1
            guard vector.size <= HKDF.longest else {
                #expect(vector.result == "invalid", "test \(vector.tcId)")
                continue
            }
            let output = HKDF.derive(
                salt: try hex(vector.salt), try hex(vector.ikm), info: try hex(vector.info), length: vector.size)
            let expected = try hex(vector.okm)
            #expect((output == expected) == (vector.result == "valid"), "test \(vector.tcId)")
        }
        #expect(used == file.numberOfTests && used == 58)
    }

    @Test("the Noise derivation is HKDF with two outputs")
    func noise() {
        let (key, material) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
        let (first, second) = HKDF.noise2(chainingKey: key, material)
        #expect(first + second == HKDF.derive(salt: key, material, length: 64))
    }

    @Test("constant-time comparison compares")
    func constantTime() {
        let bytes = (0..<40).map { UInt8($0) }
        #expect(ConstantTime.equals(bytes, bytes) && ConstantTime.equals([], []))
        #expect(!ConstantTime.equals(bytes, Array(bytes.dropLast())))
        for bit in 0..<320 { #expect(!ConstantTime.equals(bytes, flip(bytes, bit))) }
    }

    @Test("every changed bit of a sealed message is refused")
    func everyBit() {
        let key = [UInt8](repeating: 9, count: 32)
        let nonce = [UInt8](repeating: 8, count: 12)
        let sealed = ChaChaPoly.seal([1, 2, 3], key: key, nonce: nonce, authenticating: [4])
        #expect(ChaChaPoly.open(sealed, key: key, nonce: nonce, authenticating: [4]) == [1, 2, 3])
        for bit in 0..<sealed.count * 8 {
            #expect(ChaChaPoly.open(flip(sealed, bit), key: key, nonce: nonce, authenticating: [4]) == nil)
        }
        for length in 0..<sealed.count {
            #expect(ChaChaPoly.open(Array(sealed[..<length]), key: key, nonce: nonce, authenticating: [4]) == nil)
        }
        for bit in 0..<96 {
            #expect(ChaChaPoly.open(sealed, key: key, nonce: flip(nonce, bit), authenticating: [4]) == nil)
        }
        #expect(ChaChaPoly.open(sealed, key: key, nonce: nonce, authenticating: []) == nil)
    }
}
