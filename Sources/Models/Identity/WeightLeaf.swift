package import Keys
package import Tensors
package import Wire

/// What a model's root says of one tensor.
package struct WeightLeaf: Hashable, Sendable, Canonical {
    /// Bytes of a chunk, unless one row is longer.
    private static let chunkLimit = 64 << 10
    /// Bytes of a row, and so of a chunk, at most: a million floats.
    static let rowLimit = 4 << 20
    static let nameLimit = 255

    package let name: String
    package let type: WeightType
    /// Extents, the columns of a row first: one to four, each at least 1.
    package let shape: [Int]
    /// RFC 6962 root over the chunks.
    package let chunks: Digest

    /// - Returns: nil when this is the shape of no tensor.
    package init?(name: String, type: WeightType, shape: [Int], chunks: Digest) {
        guard name.utf8.count <= Self.nameLimit, (1...4).contains(shape.count), shape.allSatisfy({ $0 > 0 }),
            let rowBytes = type.rowBytes(columns: shape[0]), rowBytes <= Self.rowLimit
        else { return nil }
        var bytes = rowBytes
        for extent in shape.dropFirst() {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
            guard !overflow else { return nil }
            bytes = product
        }
        self.name = name
        self.type = type
        self.shape = shape
        self.chunks = chunks
    }

    // The initialiser has made sure that rows are whole blocks.
    package var rowBytes: Int { type.rowBytes(columns: shape[0]) ?? 0 }
    /// Rows over all further dimensions.
    package var rows: Int { shape.dropFirst().reduce(1, *) }
    /// As many whole rows as 64 KiB hold, at least one.
    package var rowsPerChunk: Int { max(1, Self.chunkLimit / rowBytes) }
    package var chunkCount: Int { (rows - 1) / rowsPerChunk + 1 }

    /// The rows of chunk `index`.
    package func rows(ofChunk index: Int) -> Range<Int> {
        index * rowsPerChunk..<min((index + 1) * rowsPerChunk, rows)
    }

    /// 1 (0 is the description of the model), name, ggml's number of the type, extents, root of the chunks.
    package func encode(into writer: inout ByteWriter) {
        writer.write(UInt8(1))
        writer.write(name)
        writer.write(type.rawValue)
        writer.writeVarint(UInt64(shape.count))
        for extent in shape { writer.write(UInt64(extent)) }
        writer.write(chunks)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> WeightLeaf {
        let tag = try reader.readUInt8()
        guard tag == 1 else { throw .unknownTag(UInt64(tag), of: "WeightLeaf") }
        let name = try reader.readString(limit: nameLimit)
        let code = try reader.readUInt32()
        guard let type = WeightType(rawValue: code) else { throw .unknownTag(UInt64(code), of: "WeightType") }
        let dimensions = try reader.readVarint()
        guard dimensions <= 4 else { throw .tooLong(length: dimensions, limit: 4) }
        var shape: [Int] = []
        for _ in 0..<dimensions {
            guard let extent = Int(exactly: try reader.readUInt64()) else { throw .invalid("an extent above 2^63") }
            shape.append(extent)
        }
        guard let leaf = WeightLeaf(name: name, type: type, shape: shape, chunks: try reader.read()) else {
            throw .invalid("tensor '\(name)' of shape \(shape)")
        }
        return leaf
    }
}
