package import Keys
package import Models
package import Wire

/// A client's question to one provider: everything that decides the answer, down to the bit.
package struct InferenceRequest: Canonical, Hashable {
    /// 131,072 positions are the longest context of the models in use; at 5 bytes a token the prompt has at most 640 KiB.
    package static let tokenLimit = 131_072

    package let client: AccountID
    package let provider: AccountID
    /// The provider's node whose VRF gives the seed. A provider has many nodes; if it could choose among them afterwards it
    /// could choose among answers.
    package let node: PublicKey
    /// Root of the model's identity.
    package let model: Digest
    package let arithmetic: Arithmetic
    /// The exact token ids, chat template included.
    package let prompt: [TokenID]
    package let sampling: SamplingParameters
    /// Random: two requests are never the same job.
    package let nonce: Digest
    package let verification: VerificationMode
    /// Seeds for each token of the answer; 0 = free.
    package let pricePerToken: UInt64
    /// Seeds for the whole answer, at least `pricePerToken` for each token it may have.
    package let maximumPrice: UInt64

    /// - Returns: nil when the prompt is empty, prompt or answer may pass ``tokenLimit``, or the price may pass its maximum.
    package init?(
        client: AccountID, provider: AccountID, node: PublicKey, model: Digest, arithmetic: Arithmetic,
        prompt: [TokenID], sampling: SamplingParameters, nonce: Digest, verification: VerificationMode,
        pricePerToken: UInt64 = 0, maximumPrice: UInt64 = 0
    ) {
        let (price, overflow) = pricePerToken.multipliedReportingOverflow(by: UInt64(sampling.maximumTokens))
        guard !prompt.isEmpty, prompt.count <= Self.tokenLimit, sampling.maximumTokens <= UInt32(Self.tokenLimit),
            !overflow, price <= maximumPrice
        else { return nil }
        self.client = client
        self.provider = provider
        self.node = node
        self.model = model
        self.arithmetic = arithmetic
        self.prompt = prompt
        self.sampling = sampling
        self.nonce = nonce
        self.verification = verification
        self.pricePerToken = pricePerToken
        self.maximumPrice = maximumPrice
    }

    /// The job of the receipt.
    package var id: Digest { digest("inference request") }

    /// The input of the receipt: the prompt's tokens and nothing else.
    package var inputDigest: Digest { Self.inputDigest(of: prompt) }

    package static func inputDigest(of prompt: [TokenID]) -> Digest {
        var writer = ByteWriter(capacity: prompt.count * 3 + 4)
        writer.write(tokens: prompt)
        return Digest(of: writer.bytes, domain: "prompt")
    }

    /// The code of the receipt: which model, in which arithmetic, sampled how.
    package var codeDigest: Digest {
        Self.codeDigest(model: model, arithmetic: arithmetic, sampling: sampling)
    }

    static func codeDigest(model: Digest, arithmetic: Arithmetic, sampling: SamplingParameters) -> Digest {
        var writer = ByteWriter(capacity: 64)
        writer.write(model)
        writer.write(arithmetic)
        writer.write(sampling)
        return Digest(of: writer.bytes, domain: "inference code")
    }

    /// Seeds that an answer of `tokens` tokens costs.
    package func price(tokens: Int) -> UInt64 { pricePerToken * UInt64(min(tokens, Int(sampling.maximumTokens))) }

    package func encode(into writer: inout ByteWriter) {
        writer.write(client)
        writer.write(provider)
        writer.write(node)
        writer.write(model)
        writer.write(arithmetic)
        writer.write(tokens: prompt)
        writer.write(sampling)
        writer.write(nonce)
        writer.write(verification)
        writer.write(pricePerToken)
        writer.write(maximumPrice)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> InferenceRequest {
        let (client, provider): (AccountID, AccountID) = (try reader.read(), try reader.read())
        let node: PublicKey = try reader.read()
        let model: Digest = try reader.read()
        let arithmetic: Arithmetic = try reader.read()
        let prompt = try reader.readTokens(limit: tokenLimit)
        let sampling: SamplingParameters = try reader.read()
        let nonce: Digest = try reader.read()
        let verification: VerificationMode = try reader.read()
        guard
            let request = InferenceRequest(
                client: client, provider: provider, node: node, model: model, arithmetic: arithmetic, prompt: prompt,
                sampling: sampling, nonce: nonce, verification: verification, pricePerToken: try reader.readUInt64(),
                maximumPrice: try reader.readUInt64())
        else { throw .invalid("a request with an empty prompt, too many tokens, or a price above its maximum") }
        return request
    }
}
