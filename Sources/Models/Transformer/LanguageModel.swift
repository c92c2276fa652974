internal import Synchronization
internal import Tensors

/// A language model as its file describes it. What is costly is made when it is first asked for, once for all who use the model.
package final class LanguageModel: Sendable {
    package let shape: TransformerShape
    private let source: Mutex<GGUFFile>
    private let packed = Mutex<TransformerWeights?>(nil)
    private let words = Mutex<(any Tokenizer)?>(nil)
    private let hashes = Mutex<WeightTree?>(nil)

    /// - Throws: ``ModelError/gguf(path:reason:)`` when it is a model of an unknown kind.
    package init(_ file: GGUFFile) throws(ModelError) {
        source = Mutex(file)
        shape = try TransformerShape(file)
    }

    /// - Throws: ``ModelError`` when the file cannot be read, is damaged, or holds a model of an unknown kind.
    package static func open(_ path: String) throws(ModelError) -> LanguageModel {
        try LanguageModel(try GGUFFile(path: path))
    }

    /// Another one after ``takeFile(of:)``.
    package var file: GGUFFile { source.withLock(\.self) }

    /// Whether the file is what it was when it was opened. When it is not, weights in memory are as good as before, and nothing can be
    /// read or proved any more until ``takeFile(of:)``.
    package var isWhole: Bool { (try? file.checkUnchanged()) != nil }

    /// Reads and proves from the file of `other` from now on: the same weights, from a file that is whole.
    /// - Throws: ``ModelError`` when it is another model, or its file was changed, too.
    package func takeFile(of other: LanguageModel) throws(ModelError) {
        let (mine, theirs) = (try weightTree, try other.weightTree)
        guard mine.identity == theirs.identity else { throw .inputMismatch("the file of another model") }
        let file = other.file
        try file.checkUnchanged()
        hashes.withLock { $0 = theirs }
        source.withLock { $0 = file }
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
            let file = file
            let weights = try TransformerWeights(file, shape, crew: crew)
            try file.checkUnchanged()
            packed = weights
            return weights
        }
    }
}
