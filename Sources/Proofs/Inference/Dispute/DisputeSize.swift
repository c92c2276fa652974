package import Models
internal import Wire

/// How large the moves of a dispute can be, and what has to be kept between them, in bytes: an answer for which they are too large for a
/// ledger cannot be asked for with a window for disputes.
package struct DisputeSize: Hashable, Sendable {
    /// Paths, counts and tags beside the numbers of one move: two paths of up to 32 digests and then some.
    private static let overhead = 4 << 10

    /// The largest move.
    package let move: Int
    /// The most that is kept between two moves, beside the case.
    package let state: Int

    package init(move: Int, state: Int) {
        self.move = move
        self.state = state
    }

    /// Of every dispute about the answer to a request with so many positions.
    /// - Parameters:
    ///   - positions: fed to the model, prompt and answer together.
    ///   - identity: of the model.
    package init(positions: Int, layout: ModelLayout, identity: ModelIdentity) {
        let shape = layout.shape
        let trace = 4 * layout.operators.reduce(shape.width) { $0 + $1.width(shape) }
        let context = 8 * positions * shape.headWidth
        let head = 4 * (shape.width + shape.vocabulary)
        let evidence = 4 * shape.width + Self.evidence(layout, identity)
        move = max(trace, context, head, evidence) + Self.overhead
        state = max(trace + context, head) + Self.overhead
    }

    /// How many positions an answer of a model can have so that every dispute about it stays within `limit`, the case and the state together;
    /// 0 when no answer does.
    package static func positions(of model: ModelDescription, within limit: DisputeSize) -> Int {
        guard let layout = model.layout else { return 0 }
        // A token takes 5 bytes at most; keys, signatures and digests of an exchange less than 2 KiB.
        let opening = model.canonicalBytes.count + (2 << 10)
        func fits(_ positions: Int) -> Bool {
            let size = DisputeSize(positions: positions, layout: layout, identity: model.identity)
            return size.move <= limit.move && size.state + opening + 5 * positions <= limit.state
        }
        var (low, high) = (0, layout.shape.contextLength + 1)
        while low + 1 < high {
            let middle = (low + high) / 2
            if fits(middle) { low = middle } else { high = middle }
        }
        return low
    }

    init(_ statement: DisputeStatement, identity: ModelIdentity) {
        self.init(positions: statement.tokens.count, layout: statement.layout, identity: identity)
    }

    /// The chunks of weights for the number that needs most: one of a key needs all rows of its head where heads have norms, otherwise two.
    private static func evidence(_ layout: ModelLayout, _ identity: ModelIdentity) -> Int {
        let shape = layout.shape
        var (chunk, keyRows, norms) = (0, 0, 0)
        for tensor in identity.tensors {
            let bytes = tensor.rowBytes * min(tensor.rowsPerChunk, tensor.rows)
            if tensor.shape.count == 1 {
                norms = max(norms, bytes)
            } else if tensor.name.hasSuffix(".attn_k.weight") {
                let rows = layout.has("blk.0.attn_k_norm.weight") ? shape.headWidth : 2
                // Rows of a head can begin and end inside a chunk.
                let chunks = min(tensor.chunkCount, min(rows, (rows - 1) / tensor.rowsPerChunk + 2))
                keyRows = max(keyRows, chunks * (bytes + Self.overhead))
            } else {
                chunk = max(chunk, bytes)
            }
        }
        return max(chunk, keyRows) + 4 * (norms + Self.overhead)
    }
}
