package import Keys
package import Models

/// What a check must know of a model beside its weights.
package struct ModelRules: Hashable, Sendable {
    /// Root of the model's identity.
    package let root: Digest
    package let layers: Int
    package let vocabulary: Int
    /// Positions at most, prompt and answer together.
    package let contextLength: Int
    package let endTokens: Set<TokenID>

    package init(root: Digest, layers: Int, vocabulary: Int, contextLength: Int, endTokens: Set<TokenID>) {
        self.root = root
        self.layers = layers
        self.vocabulary = vocabulary
        self.contextLength = contextLength
        self.endTokens = endTokens
    }

    /// The rules of a model. Hashes the whole file the first time.
    /// - Throws: ``ModelError`` when the tokeniser cannot be read, or the file was changed.
    package init(_ model: LanguageModel) throws(ModelError) {
        let tokenizer = try model.tokenizer
        self.init(
            root: try model.weightTree.identity.root, layers: model.shape.layers, vocabulary: model.shape.vocabulary,
            contextLength: model.shape.contextLength, endTokens: tokenizer.endTokens)
    }
}
