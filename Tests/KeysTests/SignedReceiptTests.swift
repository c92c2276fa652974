import Keys
import Testing
import Wire

@Suite struct SignedReceiptTests {
    private let key = SigningKey(seed: [UInt8](repeating: 7, count: 32))!

    private func receipt(output: UInt8 = 3, round: UInt32 = 0) -> Receipt {
        let job = Digest(sha256: [1])
        let proof = key.prove(alpha: SignedReceipt.seedInput(job))
        return Receipt(
            job: job, round: round, worker: AccountID(key.publicKey), input: Digest(sha256: [2]), code: .zero,
            seed: key.publicKey.verify(proof, alpha: SignedReceipt.seedInput(job))!.digest, checkpoints: .zero,
            count: 2,
            output: Digest(sha256: [output]), residual: .zero)
    }

    private func signed(_ receipt: Receipt, with other: SigningKey? = nil) -> SignedReceipt {
        let proof = key.prove(alpha: SignedReceipt.seedInput(receipt.job))
        return .sign(receipt, seedProof: proof, with: other ?? key)
    }

    @Test("a signed receipt verifies; with any bit flipped it is refused or does not; truncated it is refused")
    func everyBit() throws {
        let good = signed(receipt())
        #expect(good.hasValidSignature)
        #expect(good.hasValidSeed)
        let bytes = good.canonicalBytes
        #expect(try SignedReceipt(canonicalBytes: bytes) == good)
        for bit in 0..<bytes.count * 8 {
            var wrong = bytes
            wrong[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let other = try? SignedReceipt(canonicalBytes: wrong) else { continue }
            #expect(!other.hasValidSignature, "bit \(bit)")
        }
        for length in 0..<bytes.count {
            #expect(throws: WireError.self) { try SignedReceipt(canonicalBytes: Array(bytes[..<length])) }
        }
    }

    @Test("the seed belongs to the job and the key")
    func seed() {
        let stranger = SigningKey(seed: [UInt8](repeating: 8, count: 32))!
        #expect(!signed(receipt(), with: stranger).hasValidSeed)
        let elsewhere = key.prove(alpha: SignedReceipt.seedInput(.zero))
        #expect(!SignedReceipt.sign(receipt(), seedProof: elsewhere, with: key).hasValidSeed)
    }

    @Test("two receipts for one round of one job contradict each other, and nothing else does")
    func contradiction() {
        let first = signed(receipt())
        #expect(first.contradicts(signed(receipt(output: 4))))
        #expect(!first.contradicts(first))
        #expect(!first.contradicts(signed(receipt(output: 4, round: 1))))
    }
}
