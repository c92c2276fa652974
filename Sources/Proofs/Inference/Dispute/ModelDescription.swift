internal import Keys
package import Models
package import Wire

/// What a referee must know of a model, with what shows that it is the model of a root: it needs neither the file nor anybody's word.
package struct ModelDescription: Canonical, Hashable {
    /// The pairs of an architecture are a few hundred bytes.
    private static let pairLimit = 64 << 10

    /// ``GGUFMetadata/architecturePairs``.
    package let architecture: [UInt8]
    /// Names and types of all tensors, with the digests of the rest: its root is the model's.
    package let identity: ModelIdentity
    /// The rows of `rope_freqs.weight`, in the models that have such.
    package let ropeFactors: WeightProof?

    package init(architecture: [UInt8], identity: ModelIdentity, ropeFactors: WeightProof?) {
        self.architecture = architecture
        self.identity = identity
        self.ropeFactors = ropeFactors
    }

    /// Of a model that is here. Hashes the whole file the first time.
    package init(_ model: LanguageModel) throws(ModelError) {
        let tree = try model.weightTree
        let hasFactors = tree.identity.tensors.contains { $0.name == Self.factors }
        self.init(
            architecture: try model.file.metadata.architecturePairs, identity: tree.identity,
            ropeFactors: hasFactors ? try tree.proof(tensor: Self.factors, chunk: 0) : nil)
    }

    private static let factors = "rope_freqs.weight"

    /// The layout that this shows.
    /// - Returns: nil when the parts are not those of one model, or it is of no kind that can be computed.
    package var layout: ModelLayout? {
        guard GGUFMetadata.digest(ofPairs: architecture) == identity.architecture,
            let metadata = try? GGUFMetadata(pairs: architecture, name: "the model"),
            let embedding = identity.tensors.first(where: { $0.name == "token_embd.weight" }),
            let shape = try? TransformerShape(metadata, embedding: embedding.shape),
            let factors = factors(pairs: shape.ropeWidth / 2)
        else { return nil }
        return ModelLayout(
            root: identity.root, shape: shape, names: Set(identity.tensors.map(\.name)), ropeFactors: factors)
    }

    /// The divisors of the rotations; none where the model has none.
    /// - Returns: nil when they are missing, or no engine would take them.
    private func factors(pairs: Int) -> [Float]? {
        guard identity.tensors.contains(where: { $0.name == Self.factors }) else {
            return ropeFactors == nil ? [] : nil
        }
        guard let ropeFactors, let rows = ProvenRows([ropeFactors], root: identity.root),
            let factors = rows.vector(Self.factors, count: pairs), factors.allSatisfy({ (1...1e6).contains($0) })
        else { return nil }
        return factors
    }

    package func encode(into writer: inout ByteWriter) {
        writer.writePrefixed(architecture)
        writer.write(identity)
        writer.write(optional: ropeFactors)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> ModelDescription {
        ModelDescription(
            architecture: try reader.readPrefixed(limit: pairLimit), identity: try reader.read(),
            ropeFactors: try reader.readOptional())
    }
}
