/// The IDX format of MNIST and its successors: two zero bytes, type 8 (unsigned byte), number of dimensions, then each extent as a
/// 32-bit big-endian number, then the bytes (LeCun, "The MNIST database").
package enum IDX {
    /// Most extents: images × rows × columns.
    private static let dimensionLimit = 3

    /// - Returns: the extents and the values; nil when the file does not hold exactly what its header says.
    package static func parse(_ file: [UInt8]) -> (shape: [Int], values: ArraySlice<UInt8>)? {
        guard file.count >= 4, file[0] == 0, file[1] == 0, file[2] == 8 else { return nil }
        let dimensions = Int(file[3])
        let header = 4 + 4 * dimensions
        guard (1...dimensionLimit).contains(dimensions), file.count >= header else { return nil }
        var shape: [Int] = []
        var total = 1
        for dimension in 0..<dimensions {
            let extent = file[4 + 4 * dimension..<8 + 4 * dimension].reduce(0) { $0 << 8 | Int($1) }
            let (product, overflow) = total.multipliedReportingOverflow(by: extent)
            guard !overflow else { return nil }
            total = product
            shape.append(extent)
        }
        guard file.count - header == total else { return nil }
        return (shape, file[header...])
    }
}
