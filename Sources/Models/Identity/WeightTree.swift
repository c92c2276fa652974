internal import Dispatch
internal import Keys
internal import Synchronization

/// The hashes of all chunks of a model file: gives its identity, and proves any chunk.
package struct WeightTree: Sendable {
    package let identity: ModelIdentity
    /// Leaf hashes of the chunks of each tensor, in the order of the identity.
    private let chunks: [[Digest]]
    private let file: GGUFFile

    /// Hashes the whole file: a second for each gigabyte and thread.
    /// - Throws: ``ModelError`` when the file has a tensor that cannot be named, or was changed meanwhile.
    package init(_ file: GGUFFile, threads: Int = 2) throws(ModelError) {
        let names = file.tensorNames.sorted(by: ModelIdentity.precedes)
        let tensors = try names.map { name throws(ModelError) in try file.tensor(name) }
        let chunks = Self.hashes(tensors, threads: threads)
        var leaves: [WeightLeaf] = []
        for (tensor, hashes) in zip(tensors, chunks) {
            let root = MerkleTree.root(ofLeafHashes: hashes)
            guard let leaf = WeightLeaf(tensor, chunks: root) else {
                throw .gguf(
                    path: file.path,
                    reason:
                        "tensor '\(tensor.name)' has rows of \(tensor.rowBytes) bytes, at most \(WeightLeaf.rowLimit) are allowed"
                )
            }
            leaves.append(leaf)
        }
        let template = "tokenizer.chat_template"
        guard
            let identity = ModelIdentity(
                architecture: GGUFMetadata.digest(ofPairs: try file.metadata.architecturePairs),
                tokenizer: file.metadata.digest { $0.hasPrefix("tokenizer.") && !$0.hasPrefix(template) },
                chatTemplate: file.metadata.digest { $0.hasPrefix(template) }, tensors: leaves)
        else { throw .gguf(path: file.path, reason: "has \(leaves.count) tensors, too many for an identity") }
        try file.checkUnchanged()
        self.identity = identity
        self.chunks = chunks
        self.file = file
    }

    /// The bytes of a chunk, and where its tensor is in the identity.
    ///
    /// They are hashed again: what comes from here has the name of the model, whatever happened to the file.
    /// - Throws: ``ModelError`` when there is no such tensor, or the file was changed.
    /// - Returns: nil when the tensor has no such chunk.
    private func read(_ name: String, chunk: Int) throws(ModelError) -> (bytes: [UInt8], place: Int)? {
        let tensor = try file.tensor(name)
        guard let place = identity.tensors.firstIndex(where: { $0.name == name }), chunks[place].indices.contains(chunk)
        else { return nil }
        let bytes = tensor.bytes(ofRows: identity.tensors[place].rows(ofChunk: chunk))
        try file.checkUnchanged()
        guard MerkleTree.leafHash(bytes) == chunks[place][chunk] else { throw .fileChanged(path: file.path) }
        return (bytes, place)
    }

    /// The chunk that holds a row: its bytes, the first row in it, and what the identity says of the tensor.
    /// - Throws: ``ModelError/fileChanged(path:)`` when the file does not hold any more what it was named by.
    /// - Returns: nil when there is no such row.
    package func chunk(
        holding row: Int, of name: String
    ) throws(ModelError) -> (bytes: [UInt8], first: Int, tensor: WeightLeaf)? {
        guard row >= 0, let leaf = identity.tensors.first(where: { $0.name == name }), row < leaf.rows,
            let found = try read(name, chunk: row / leaf.rowsPerChunk)
        else { return nil }
        return (found.bytes, row / leaf.rowsPerChunk * leaf.rowsPerChunk, leaf)
    }

    /// - Throws: ``ModelError`` when there is no such tensor, or the file was changed.
    /// - Returns: nil when the tensor has no such chunk.
    package func proof(tensor name: String, chunk: Int) throws(ModelError) -> WeightProof? {
        guard let (bytes, place) = try read(name, chunk: chunk) else { return nil }
        let leaf = identity.tensors[place]
        let tree = identity.tree
        return WeightProof(
            tensor: leaf, tree: tree.root, tensorPath: tree.proof(for: place + 1),
            chunkPath: MerkleTree(leafHashes: chunks[place]).proof(for: chunk),
            bytes: bytes)
    }

    private static func hashes(_ tensors: [GGUFTensor], threads: Int) -> [[Digest]] {
        // Shares of about equal bytes, each a list of (tensor, rows).
        var pieces: [(tensor: Int, rows: Range<Int>)] = []
        for (index, tensor) in tensors.enumerated() {
            guard let leaf = WeightLeaf(tensor, chunks: .zero) else { continue }
            for chunk in 0..<leaf.chunkCount { pieces.append((index, leaf.rows(ofChunk: chunk))) }
        }
        let shares = max(1, min(threads, pieces.count))
        let results = Mutex([[Digest]](repeating: [], count: shares))
        DispatchQueue.concurrentPerform(iterations: shares) { [pieces] share in
            let range = pieces.count * share / shares..<pieces.count * (share + 1) / shares
            let hashes = pieces[range].map { MerkleTree.leafHash(tensors[$0.tensor].bytes(ofRows: $0.rows)) }
            results.withLock { $0[share] = hashes }
        }
        var chunks = [[Digest]](repeating: [], count: tensors.count)
        for (piece, hash) in zip(pieces, results.withLock { $0.joined() }) { chunks[piece.tensor].append(hash) }
        return chunks
    }
}

extension WeightLeaf {
    fileprivate init?(_ tensor: GGUFTensor, chunks: Digest) {
        self.init(name: tensor.name, type: tensor.type, shape: tensor.shape, chunks: chunks)
    }
}
