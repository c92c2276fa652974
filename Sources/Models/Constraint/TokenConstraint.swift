/// Keeps an answer to JSON: says which tokens may come next, and follows those that were chosen.
///
/// Works on bytes, so a token may hold the end of one value, a comma and the beginning of the next, or half a character.
package struct TokenConstraint: Sendable {
    private let vocabulary: JSONVocabulary
    private let tokenizer: any Tokenizer
    private var state: JSONState

    /// - Parameter wantsObject: whether the answer must be an object; any value otherwise.
    package init(_ vocabulary: JSONVocabulary, _ tokenizer: any Tokenizer, wantsObject: Bool) {
        self.vocabulary = vocabulary
        self.tokenizer = tokenizer
        state = JSONState(wantsObject: wantsObject)
    }

    /// The tokens that may come next, for ``Sampler``; never none.
    package var allowed: TokenMask { vocabulary.mask(state) }

    /// Whether the answer so far is JSON as a whole; an end token is allowed exactly then.
    package var isComplete: Bool { state.isComplete }

    /// Goes on with a token.
    /// - Returns: false when it was not allowed; nothing changes then.
    package mutating func accept(_ token: TokenID) -> Bool {
        guard allowed.allows(token) else { return false }
        guard !vocabulary.endTokens.contains(token) else { return true }
        for byte in tokenizer.bytes(of: token) { _ = state.advance(byte) }
        return true
    }
}
