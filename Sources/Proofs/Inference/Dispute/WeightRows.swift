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

/// The rows of a model's file.
package struct FileRows: WeightRows {
    private let file: GGUFFile

    package init(_ file: GGUFFile) { self.file = file }

    package func row(_ index: Int, of tensor: String) -> (bytes: [UInt8], type: WeightType)? {
        guard let tensor = file.tensors[tensor], index >= 0, index < tensor.rows else { return nil }
        let bytes = tensor.bytes(ofRows: index..<index + 1)
        // A file that was changed says nothing: better no answer than a wrong one, which would cost the stake.
        guard (try? file.checkUnchanged()) != nil else { return nil }
        return (bytes, tensor.type)
    }
}
