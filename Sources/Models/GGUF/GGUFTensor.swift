package import Tensors

/// A tensor in a mapped file. Holds the file open.
@safe package struct GGUFTensor: Sendable {
    package let name: String
    package let type: WeightType
    /// Extents in ggml's order: the columns of a row first.
    package let shape: [Int]
    /// Bytes from one row to the next.
    package let rowBytes: Int
    private let file: MappedFile
    private let place: Range<Int>

    init(_ entry: GGUFHeader.Entry, in file: MappedFile) {
        name = entry.name
        type = entry.type
        shape = entry.shape
        rowBytes = entry.rowBytes
        place = entry.place
        self.file = file
    }

    package var columns: Int { shape[0] }
    /// Rows over all further dimensions.
    package var rows: Int { place.count / rowBytes }

    /// All bytes; they are there as long as a tensor of the file is.
    package var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(rebasing: file.bytes[place]) }

    /// A copy of some rows.
    /// - Precondition: there are such rows.
    package func bytes(ofRows range: Range<Int>) -> [UInt8] {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows) of tensor '\(name)'")
        let start = place.lowerBound
        return unsafe Array(file.bytes[start + range.lowerBound * rowBytes..<start + range.upperBound * rowBytes])
    }

    /// One row as floats.
    /// - Precondition: `row` is below ``rows``.
    package func row(_ row: Int) -> [Float] {
        Reference.dequantized(bytes(ofRows: row..<row + 1), type)
    }
}
