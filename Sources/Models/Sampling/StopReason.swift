package import Wire

/// Why an answer ends where it ends.
package enum StopReason: UInt8, CaseIterable, Hashable, Sendable, Canonical {
    /// The last token is one of the model's end tokens.
    case endOfText = 0
    /// As many tokens as the request allows.
    case length = 1
    /// The last token is one of the request's stop tokens.
    case stopToken = 2
    /// Prompt and answer fill the context of the model.
    case contextFull = 3

    /// The one rule of when generation ends, used by whoever generates and whoever checks: end token, then stop token, then
    /// length, then context.
    /// - Parameters:
    ///   - token: the last token of the answer; a token that ends the answer is part of it.
    ///   - count: tokens of the answer, with that one.
    ///   - prompt: tokens of the prompt.
    /// - Returns: nil when the next token is to be generated.
    package static func after(
        _ token: TokenID, count: Int, prompt: Int, sampling: SamplingParameters, endTokens: Set<TokenID>,
        contextLength: Int
    ) -> StopReason? {
        if endTokens.contains(token) { return .endOfText }
        if sampling.stop.contains(token) { return .stopToken }
        if count >= Int(sampling.maximumTokens) { return .length }
        return prompt + count >= contextLength ? .contextFull : nil
    }

    package func encode(into writer: inout ByteWriter) { writer.write(rawValue) }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> StopReason {
        let tag = try reader.readUInt8()
        guard let value = StopReason(rawValue: tag) else { throw .unknownTag(UInt64(tag), of: "StopReason") }
        return value
    }
}
