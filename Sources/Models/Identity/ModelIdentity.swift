package import Keys
package import Wire

/// What a model is: the numbers of its architecture, its tokeniser, its chat template, and every weight. Not its path, its name,
/// or how its file is laid out.
package struct ModelIdentity: Hashable, Sendable, Canonical {
    private static let tensorLimit = 1 << 16

    /// `general.architecture` and the keys under it.
    package let architecture: Digest
    /// The keys under `tokenizer.`, without the chat template.
    package let tokenizer: Digest
    /// The keys under `tokenizer.chat_template`.
    package let chatTemplate: Digest
    /// In ascending order of their names, each name once.
    package let tensors: [WeightLeaf]

    /// - Returns: nil when names are not strictly ascending, or there are more than 65,536.
    package init?(architecture: Digest, tokenizer: Digest, chatTemplate: Digest, tensors: [WeightLeaf]) {
        guard tensors.count <= Self.tensorLimit,
            zip(tensors, tensors.dropFirst()).allSatisfy({ Self.precedes($0.name, $1.name) })
        else { return nil }
        self.architecture = architecture
        self.tokenizer = tokenizer
        self.chatTemplate = chatTemplate
        self.tensors = tensors
    }

    /// By bytes: the order of strings in Swift depends on tables of Unicode.
    static func precedes(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }

    /// The name of the model.
    package var root: Digest { Self.root(tree: tree.root, leaves: UInt64(tensors.count) + 1) }

    /// Leaf 0 describes the model, leaf i + 1 is tensor i.
    package var tree: MerkleTree {
        var writer = ByteWriter(capacity: 97)
        writer.write(UInt8(0))
        writer.write(architecture)
        writer.write(tokenizer)
        writer.write(chatTemplate)
        return MerkleTree(leaves: [writer.bytes] + tensors.map(\.canonicalBytes))
    }

    /// The number of leaves is part of the name: a path alone does not tell it.
    static func root(tree: Digest, leaves: UInt64) -> Digest {
        var writer = ByteWriter(capacity: 40)
        writer.write(leaves)
        writer.write(tree)
        return Digest(of: writer.bytes, domain: "model")
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(architecture)
        writer.write(tokenizer)
        writer.write(chatTemplate)
        writer.write(list: tensors)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> ModelIdentity {
        guard
            let identity = ModelIdentity(
                architecture: try reader.read(), tokenizer: try reader.read(), chatTemplate: try reader.read(),
                tensors: try reader.readList(limit: tensorLimit))
        else { throw .invalid("tensors of a model are not in ascending order") }
        return identity
    }
}
