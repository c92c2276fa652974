package import Keys
package import Models
internal import Tensors

/// What a referee must know of a model beside its root: shape, and which of the optional tensors it has.
package struct ModelLayout: Sendable {
    package let root: Digest
    package let shape: TransformerShape
    /// Names of the tensors of the model.
    private let names: Set<String>
    private let rotary: RotaryTable

    /// - Parameters:
    ///   - names: of all tensors of the model.
    ///   - ropeFactors: the numbers of `rope_freqs.weight`, or none.
    package init(root: Digest, shape: TransformerShape, names: Set<String>, ropeFactors: [Float]) {
        self.root = root
        self.shape = shape
        self.names = names
        let pairs = shape.ropeWidth / 2
        rotary = RotaryTable(
            pairs: pairs, base: shape.ropeBase,
            factors: (0..<pairs).map { (ropeFactors.isEmpty ? 1 : ropeFactors[$0]) * Float(shape.ropeScale) })
    }

    /// The layout of a model. Hashes the whole file the first time.
    /// - Throws: ``ModelError``, for one when the file was changed.
    package init(_ model: LanguageModel) throws(ModelError) {
        let tree = try model.weightTree
        let names = Set(tree.identity.tensors.map(\.name))
        let factors = FileRows(tree).vector("rope_freqs.weight", count: model.shape.ropeWidth / 2)
        if factors == nil, names.contains("rope_freqs.weight") { throw .fileChanged(path: model.file.path) }
        self.init(root: tree.identity.root, shape: model.shape, names: names, ropeFactors: factors ?? [])
    }

    package func has(_ name: String) -> Bool { names.contains(name) }

    /// The operators that each layer of this model has; 15 to 17.
    package var operators: [LayerOperator] {
        LayerOperator.allCases.filter {
            switch $0 {
            case .queryNorm: has("blk.0.attn_q_norm.weight")
            case .keyNorm: has("blk.0.attn_k_norm.weight")
            default: true
            }
        }
    }

    /// The matrix of the output head; the embedding where the model has none of its own.
    package var outputMatrix: String { has("output.weight") ? "output.weight" : "token_embd.weight" }

    func rotation(position: Int) -> (cosines: [Float], sines: [Float]) { rotary.row(position: position) }
}
