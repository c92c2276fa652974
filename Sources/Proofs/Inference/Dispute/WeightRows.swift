package import Models
package import Tensors

/// Where single rows of weights come from: the model's file for those who hold it, proofs for a referee.
package protocol WeightRows {
    /// - Returns: the bytes of a row as they are stored; nil when it is not there.
    func row(_ index: Int, of tensor: String) -> (bytes: [UInt8], type: WeightType)?
}

extension WeightRows {
    /// A tensor of one row of floats, such as a norm or a bias.
    func vector(_ tensor: String, count: Int) -> [Float]? {
        guard let row = row(0, of: tensor), row.bytes.count == row.type.rowBytes(columns: count) else { return nil }
        return Reference.dequantized(row.bytes, row.type)
    }

    /// One element of a matrix times a vector.
    func product(_ index: Int, of tensor: String, with x: [Float], _ arithmetic: Arithmetic) -> Float? {
        guard let row = row(index, of: tensor), row.bytes.count == row.type.rowBytes(columns: x.count) else {
            return nil
        }
        return arithmetic == .int8
            ? Reference.rowProduct(row.bytes, row.type, integers: x) : Reference.rowProduct(row.bytes, row.type, x)
    }
}

/// The rows of a model's file, each hashed before it is believed: a file that was changed says nothing. Better no answer than a wrong one,
/// which would cost the stake.
package final class FileRows: WeightRows {
    /// 64 KiB each: the rows that one number after the other needs, also of the head of a large model.
    private static let chunkLimit = 64

    private struct Chunk {
        let bytes: [UInt8]
        let rows: Range<Int>
        let tensor: WeightLeaf
    }

    private let weights: WeightTree
    /// By tensor, the chunk that was read last first.
    private var chunks: [String: [Chunk]] = [:]
    private var count = 0

    package init(_ weights: WeightTree) { self.weights = weights }

    package func row(_ index: Int, of tensor: String) -> (bytes: [UInt8], type: WeightType)? {
        let known = chunks[tensor]?.first { $0.rows.contains(index) }
        guard let chunk = known ?? read(index, of: tensor) else { return nil }
        let rowBytes = chunk.tensor.rowBytes
        let start = (index - chunk.rows.lowerBound) * rowBytes
        return (Array(chunk.bytes[start..<start + rowBytes]), chunk.tensor.type)
    }

    private func read(_ index: Int, of tensor: String) -> Chunk? {
        guard let (bytes, first, leaf) = try? weights.chunk(holding: index, of: tensor) else { return nil }
        if count == Self.chunkLimit { (chunks, count) = ([:], 0) }
        let chunk = Chunk(bytes: bytes, rows: first..<min(first + leaf.rowsPerChunk, leaf.rows), tensor: leaf)
        chunks[tensor, default: []].insert(chunk, at: 0)
        count += 1
        return chunk
    }
}
