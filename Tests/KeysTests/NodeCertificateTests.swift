import Keys
import Testing
import Wire

@Suite("Certificates and receipts")
struct NodeCertificateTests {
    private let day: UInt64 = 24 * 60 * 60

    @Test("a certificate is valid from its first second to before its last, and for 90 days at most")
    func life() throws {
        let (account, node) = try (testKey(1), testKey(2).publicKey)
        let certificate = NodeCertificate.issue(by: account, for: node, issued: 1000)
        #expect(certificate.account == AccountID(account.publicKey) && certificate.node == node)
        #expect(certificate.expires == 1000 + 90 * day)
        for (time, isValid) in [
            (0, false), (999, false), (1000, true), (1000 + 90 * day - 1, true), (1000 + 90 * day, false),
            (.max, false),
        ] {
            #expect(certificate.isValid(at: time) == isValid, "at \(time)")
        }
        let short = NodeCertificate.issue(by: account, for: node, issued: 1000, life: 10)
        #expect(short.isValid(at: 1009) && !short.isValid(at: 1010))
        let empty = NodeCertificate.issue(by: account, for: node, issued: 1000, life: 0)
        #expect(!empty.isValid(at: 1000))
    }

    @Test("a life above 90 days is refused even when it is signed")
    func tooLong() throws {
        let (account, node) = try (testKey(1), testKey(2).publicKey)
        let honest = NodeCertificate.issue(by: account, for: node, issued: 1000)
        var writer = ByteWriter()
        writer.write(honest.account)
        writer.write(node)
        writer.write(honest.issued)
        writer.write(honest.expires + 1)
        let long = NodeCertificate(
            account: honest.account, node: node, issued: honest.issued, expires: honest.expires + 1,
            signature: account.sign(writer.bytes, for: "node certificate"))
        #expect(long.account.key.verifies(long.signature, of: writer.bytes, for: "node certificate"))
        #expect(!long.isValid(at: 1001))
    }

    @Test("one changed bit makes a certificate invalid")
    func everyBit() throws {
        let certificate = NodeCertificate.issue(by: try testKey(1), for: try testKey(2).publicKey, issued: 1000)
        try expectCanonical(certificate)
        let bytes = certificate.canonicalBytes
        for bit in 0..<bytes.count * 8 {
            let changed = try NodeCertificate(canonicalBytes: flip(bytes, bit))
            #expect(!changed.isValid(at: 2000), "bit \(bit)")
        }
    }

    @Test("a certificate of another account's key is invalid")
    func stranger() throws {
        let certificate = NodeCertificate.issue(by: try testKey(1), for: try testKey(2).publicKey, issued: 1000)
        let stolen = NodeCertificate(
            account: AccountID(try testKey(3).publicKey), node: certificate.node, issued: certificate.issued,
            expires: certificate.expires, signature: certificate.signature)
        #expect(!stolen.isValid(at: 2000))
    }

    @Test("a receipt has one encoding, and every field is part of its id")
    func receipt() throws {
        let receipt = Receipt(
            job: try testDigest(1), round: 2, worker: AccountID(try testKey(3).publicKey), input: try testDigest(4),
            code: try testDigest(5), seed: try testDigest(6), checkpoints: try testDigest(7), count: 8,
            output: try testDigest(9), residual: try testDigest(10))
        try expectCanonical(receipt)
        let bytes = receipt.canonicalBytes
        #expect(bytes.count == 8 * 32 + 8)
        var ids: Set<Digest> = [receipt.id]
        for index in bytes.indices { ids.insert(try Receipt(canonicalBytes: flip(bytes, index * 8)).id) }
        #expect(ids.count == bytes.count + 1)
    }
}
