extension GGUFMetadata {
    /// The tokeniser that the file describes.
    /// - Throws: ``ModelError/gguf(path:reason:)`` for another kind, or lists that disagree.
    package func tokenizer() throws(ModelError) -> any Tokenizer {
        switch try text("tokenizer.ggml.model") {
        case "gpt2": return try BytePairTokenizer(self)
        case "llama": return try SentencePieceTokenizer(self)
        case let other:
            throw failure(
                "'tokenizer.ggml.model' is '\(other)'; 'gpt2' (byte pairs) and 'llama' (SentencePiece) are known")
        }
    }
}
