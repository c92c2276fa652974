import Keys
import Models
import Proofs
import Testing
import Wire

@Suite struct InferenceCodecTests {
    @Test("each value has one encoding: no truncation, trailing byte or other form is read")
    func oneEncoding() throws {
        let exchange = Sample.exchange()
        try expectOneEncoding(exchange.request.request)
        try expectOneEncoding(exchange.request)
        try expectOneEncoding(exchange.answer)
        try expectOneEncoding(exchange.receipt)
        try expectOneEncoding(exchange)
        try expectOneEncoding(SamplingParameters(temperature: 1, topK: 40, topP: 900_000, minP: 5, maximumTokens: 9)!)
        for mode in VerificationMode.allCases { try expectOneEncoding(mode) }
        for stop in StopReason.allCases { try expectOneEncoding(stop) }
        for arithmetic in Arithmetic.allCases { try expectOneEncoding(arithmetic) }
    }

    @Test("a request without a prompt, with too many tokens, or that may cost more than its maximum, cannot be made")
    func requestLimits() {
        let sampling = SamplingParameters(maximumTokens: 10)!
        func request(prompt: [TokenID], _ sampling: SamplingParameters, price: UInt64, maximum: UInt64) -> Bool {
            InferenceRequest(
                client: AccountID(Sample.client.publicKey), provider: AccountID(Sample.provider.publicKey),
                node: Sample.node.publicKey, model: .zero, arithmetic: .int8, prompt: prompt, sampling: sampling,
                nonce: .zero, verification: .none, pricePerToken: price, maximumPrice: maximum) != nil
        }
        #expect(request(prompt: [1], sampling, price: 7, maximum: 70))
        #expect(!request(prompt: [1], sampling, price: 7, maximum: 69))
        #expect(!request(prompt: [1], sampling, price: UInt64.max / 9, maximum: .max))
        #expect(!request(prompt: [], sampling, price: 0, maximum: 0))
        let limit = InferenceRequest.tokenLimit
        #expect(request(prompt: Array(repeating: 1, count: limit), sampling, price: 0, maximum: 0))
        #expect(!request(prompt: Array(repeating: 1, count: limit + 1), sampling, price: 0, maximum: 0))
        #expect(!request(prompt: [1], SamplingParameters(maximumTokens: UInt32(limit) + 1)!, price: 0, maximum: 0))
    }

    @Test("a count of tokens that the bytes cannot hold is refused before memory is taken for it")
    func hugeCount() {
        var writer = ByteWriter()
        writer.writeVarint(UInt64(InferenceRequest.tokenLimit))
        writer.writeRaw([1, 2, 3])
        #expect(throws: WireError.truncated(needed: InferenceRequest.tokenLimit, available: 3)) {
            try Answer(canonicalBytes: writer.bytes)
        }
        var larger = ByteWriter()
        larger.writeVarint(UInt64(InferenceRequest.tokenLimit) + 1)
        #expect(throws: WireError.self) { try Answer(canonicalBytes: larger.bytes) }
    }

    @Test("sampling parameters out of range are refused, and stop tokens are a set with one order")
    func samplingRanges() throws {
        #expect(SamplingParameters(temperature: 10_001, maximumTokens: 1) == nil)
        #expect(SamplingParameters(topP: 1_000_001, maximumTokens: 1) == nil)
        #expect(SamplingParameters(minP: 1_000_001, maximumTokens: 1) == nil)
        #expect(SamplingParameters(maximumTokens: 0) == nil)
        #expect(SamplingParameters(maximumTokens: 1, stop: Array(0...16)) == nil)
        #expect(SamplingParameters(maximumTokens: 1, stop: [4, 2, 4])?.stop == [2, 4])
        let bytes = SamplingParameters(maximumTokens: 1, stop: [2, 4])!.canonicalBytes
        let swapped = Array(bytes.dropLast(2)) + [4, 2]
        #expect(throws: WireError.self) { try SamplingParameters(canonicalBytes: swapped) }
    }

    @Test(
        "an answer ends with an end token, a stop token, its length or the context, whichever comes first in that order"
    )
    func stopOrder() {
        let sampling = SamplingParameters(maximumTokens: 5, stop: [7])!
        func after(_ token: TokenID, _ count: Int, context: Int = 100) -> StopReason? {
            StopReason.after(
                token, count: count, prompt: 3, sampling: sampling, endTokens: [2], contextLength: context)
        }
        #expect(after(4, 1) == nil)
        #expect(after(2, 5, context: 8) == .endOfText)
        #expect(after(7, 5, context: 8) == .stopToken)
        #expect(after(4, 5, context: 8) == .length)
        #expect(after(4, 4, context: 7) == .contextFull)
        #expect(after(4, 4, context: 8) == nil)
    }
}

/// What was read must encode to the bytes it was read from; short and long forms must not be read at all.
func expectOneEncoding<Value: Canonical & Equatable>(_ value: Value) throws {
    let bytes = value.canonicalBytes
    #expect(try Value(canonicalBytes: bytes) == value)
    for length in 0..<bytes.count {
        #expect(throws: WireError.self, "\(Value.self), \(length) bytes") {
            try Value(canonicalBytes: Array(bytes[..<length]))
        }
    }
    #expect(throws: WireError.trailing(count: 1)) { try Value(canonicalBytes: bytes + [0]) }
    for bit in 0..<bytes.count * 8 {
        let changed = bytes.flipping(bit: bit)
        guard let other = try? Value(canonicalBytes: changed) else { continue }
        #expect(other.canonicalBytes == changed && other != value, "\(Value.self), bit \(bit)")
    }
}
