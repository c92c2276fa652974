internal import Synchronization
internal import Tensors

/// A language model as its file describes it. What is costly is made when it is first asked for, once for all who use the model.
package final class LanguageModel: Sendable {
    package let file: GGUFFile
    package let shape: TransformerShape
    private let packed = Mutex<TransformerWeights?>(nil)
    private let words = Mutex<(any Tokenizer)?>(nil)
    private let hashes = Mutex<WeightTree?>(nil)

    /// - Throws: ``ModelError/gguf(path:reason:)`` when it is a model of an unknown kind.
    package init(_ file: GGUFFile) throws(ModelError) {
        self.file = file
        shape = try TransformerShape(file)
    }

    /// - Throws: ``ModelError`` when the file cannot be read, is damaged, or holds a model of an unknown kind.
    package static func open(_ path: String) throws(ModelError) -> LanguageModel {
        try LanguageModel(try GGUFFile(path: path))
    }

    package var tokenizer: any Tokenizer {
        get throws(ModelError) {
            try words.withLock { words throws(ModelError) in
                if let tokenizer = words { return tokenizer }
                let tokenizer = try file.metadata.tokenizer()
                words = tokenizer
                return tokenizer
            }
        }
    }

    /// How a conversation is written down for this model.
    package var chatTemplate: ChatTemplate {
        get throws(ModelError) { try file.metadata.chatTemplate(for: try tokenizer) }
    }

    /// The name of the model and proofs of its weights. Hashes the whole file when it is first asked for.
    package var weightTree: WeightTree {
        get throws(ModelError) {
            try hashes.withLock { hashes throws(ModelError) in
                if let tree = hashes { return tree }
                let tree = try WeightTree(file)
                hashes = tree
                return tree
            }
        }
    }

    /// The weights in memory, laid out for the kernels.
    func weights(crew: Crew) throws(ModelError) -> TransformerWeights {
        try packed.withLock { packed throws(ModelError) in
            if let weights = packed { return weights }
            let weights = try TransformerWeights(file, shape, crew: crew)
            try file.checkUnchanged()
            packed = weights
            return weights
        }
    }
}
