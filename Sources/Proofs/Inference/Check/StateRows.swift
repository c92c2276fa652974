package import Wire

extension ByteWriter {
    /// Appends a varint count of rows, a varint width, and the numbers as big-endian bit patterns.
    /// - Precondition: all rows have one width; without rows the width is 0.
    package mutating func write(rows: [[Float]]) {
        let width = rows.first?.count ?? 0
        precondition(rows.allSatisfy { $0.count == width }, "rows of different widths")
        writeVarint(UInt64(rows.count))
        writeVarint(UInt64(width))
        for row in rows { for value in row { write(value.bitPattern) } }
    }
}

extension ByteWriter {
    /// Appends a varint count and the numbers as big-endian bit patterns.
    package mutating func write(numbers: [Float]) {
        writeVarint(UInt64(numbers.count))
        for value in numbers { write(value.bitPattern) }
    }
}

extension ByteReader {
    /// Reads at most `limit` numbers.
    package mutating func readNumbers(limit: Int) throws(WireError) -> [Float] {
        let count = try readVarint()
        guard count <= UInt64(limit) else { throw .tooLong(length: count, limit: UInt64(limit)) }
        guard count * 4 <= UInt64(remaining) else { throw .truncated(needed: Int(count * 4), available: remaining) }
        var numbers: [Float] = []
        numbers.reserveCapacity(Int(count))
        for _ in 0..<count { numbers.append(Float(bitPattern: try readUInt32())) }
        return numbers
    }

    /// The widest state that is read: four times that of the largest models of today.
    private static let widthLimit: UInt64 = 65_536

    /// Reads at most `limit` rows of numbers. Memory is taken for what the bytes hold, not for what they announce.
    package mutating func readRows(limit: Int) throws(WireError) -> [[Float]] {
        let (count, width) = (try readVarint(), try readVarint())
        guard count <= UInt64(limit) else { throw .tooLong(length: count, limit: UInt64(limit)) }
        guard width <= Self.widthLimit else { throw .tooLong(length: width, limit: Self.widthLimit) }
        guard (count == 0) == (width == 0) else { throw .invalid("\(count) rows of \(width) numbers") }
        guard count * width * 4 <= UInt64(remaining) else {
            throw .truncated(needed: Int(count * width * 4), available: remaining)
        }
        var rows: [[Float]] = []
        for _ in 0..<count {
            var row: [Float] = []
            row.reserveCapacity(Int(width))
            for _ in 0..<width { row.append(Float(bitPattern: try readUInt32())) }
            rows.append(row)
        }
        return rows
    }
}
