/// What a token of a vocabulary is for (`tokenizer.ggml.token_type`).
package enum TokenKind: UInt8, Hashable, Sendable, CaseIterable {
    case normal = 1
    case unknown = 2
    /// Steers the model, such as the end of a turn; must not come out of a user's text.
    case control = 3
    /// Found in any text before it is split into words.
    case userDefined = 4
    case unused = 5
    /// One byte, written `<0x0A>`.
    case byte = 6
}
