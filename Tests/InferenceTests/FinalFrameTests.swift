import Inference
import Keys
import Models
import Proofs
import Testing
import Wire

/// The frame that ends an answer: what it weighs, and what comes of one that was changed on its way.
struct FinalFrameTests {
    private let request: InferenceRequest
    private let seed: InferenceSeed
    private let answer = Answer(output: [4, 500, 60_000], stop: .length)!
    private let receipt: SignedReceipt

    init() {
        request = InferenceTests.request(tokens: 3)
        seed = InferenceSeed(job: request.id, by: key(1))
        receipt = .sign(
            .answer(answer, to: request, transcript: digest(5), seed: seed.value), seedProof: seed.proof, with: key(1))
    }

    private var message: InferenceMessage { .final(ReceiptSeal(of: receipt), stop: .length) }

    /// What the client makes of a frame, if it takes it for the end of the answer.
    private func receipt(in bytes: [UInt8]) -> SignedReceipt? {
        guard case .final(let seal, let stop)? = try? InferenceMessage(bytes: bytes),
            let ended = Answer(output: answer.output, stop: stop)
        else { return nil }
        return seal.receipt(for: ended, to: request, seed: seed)
    }

    @Test("what is written reads back, for every reason to end")
    func roundTrip() throws {
        for stop in StopReason.allCases {
            let message = InferenceMessage.final(ReceiptSeal(of: receipt), stop: stop)
            #expect(try InferenceMessage(bytes: message.bytes) == message)
        }
        #expect(receipt(in: message.bytes) == receipt)
    }

    @Test("with its length the frame is 103 bytes for any answer: at most 16 a token from 7 tokens on")
    func size() {
        for stop in StopReason.allCases {
            var frame = ByteWriter()
            frame.writePrefixed(InferenceMessage.final(ReceiptSeal(of: receipt), stop: stop).bytes)
            #expect(frame.bytes.count == 103)
            #expect(frame.bytes.count <= 16 * 7 && frame.bytes.count > 16 * 6)
        }
        #expect(receipt.canonicalBytes.count == 440, "where it is kept it is whole")
    }

    @Test("a frame that was cut is no frame, and one with a flipped bit ends no answer")
    func changed() {
        let bytes = message.bytes
        for length in 0..<bytes.count {
            #expect(throws: WireError.self, "\(length) bytes") {
                try InferenceMessage(bytes: Array(bytes[..<length]))
            }
        }
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(receipt(in: changed) == nil, "bit \(bit)")
        }
    }

    @Test("a whole receipt, as it was once sent, or a seal of another length ends no answer")
    func otherForms() {
        for length in [0, 95, 97, 440] {
            var writer = ProtobufWriter()
            writer.write(6) { inner in
                inner.write(1, bytes: Array((receipt.canonicalBytes + [0]).prefix(length)))
                inner.write(2, varint: 1)
            }
            #expect(throws: WireError.self, "\(length) bytes") { try InferenceMessage(bytes: writer.bytes) }
        }
    }
}
