package import Tensors

/// What a GGUF file says about itself, checked: every tensor lies inside the file, none over another.
///
/// Source: ggml, `docs/gguf.md`, versions 2 and 3, little-endian.
package struct GGUFHeader: Hashable, Sendable {
    /// One tensor's place.
    package struct Entry: Hashable, Sendable {
        package let name: String
        package let type: WeightType
        /// Extents, the columns of a row first.
        package let shape: [Int]
        /// Bytes of one row.
        package let rowBytes: Int
        /// Bytes from the start of the file.
        package let place: Range<Int>
    }

    /// 65,536: a model of a hundred layers has about a thousand.
    private static let tensorLimit = 1 << 16
    private static let pairLimit = 1 << 16
    /// Keys have at most 65,535 bytes by the specification; ggml's tensor names have 63.
    private static let keyLimit = (1 << 16) - 1
    private static let nameLimit = 255
    /// Offsets of tensors are multiples of it. 1 MiB is beyond any page.
    private static let alignmentLimit = 1 << 20

    package let version: UInt32
    package let metadata: GGUFMetadata
    /// In the order of the file.
    package let tensors: [Entry]

    /// Reads the header of a file whose bytes are `bytes`.
    /// - Parameter path: the file's name, for errors.
    /// - Throws: ``ModelError/gguf(path:reason:)``
    package init(_ bytes: [UInt8], path: String) throws(ModelError) {
        self = try unsafe bytes.withUnsafeBufferPointer { buffer throws(ModelError) in
            try unsafe GGUFHeader(UnsafeRawBufferPointer(buffer), path: path)
        }
    }

    init(_ bytes: UnsafeRawBufferPointer, path: String) throws(ModelError) {
        var cursor = unsafe GGUFCursor(bytes, path: path)
        let magic = try cursor.number(UInt32.self)
        guard magic == 0x4655_4747 else { throw cursor.failure("is no GGUF file: it does not begin with 'GGUF'") }
        version = try cursor.number(UInt32.self)
        guard version == 2 || version == 3 else {
            let isBigEndian = version.byteSwapped == 2 || version.byteSwapped == 3
            throw cursor.failure(
                isBigEndian ? "is a big-endian GGUF file" : "is of GGUF version \(version), 2 or 3 were expected")
        }
        let tensorCount = try cursor.count(of: "tensors", limit: Self.tensorLimit)
        let pairCount = try cursor.count(of: "metadata pairs", limit: Self.pairLimit)
        var values: [String: GGUFValue] = [:]
        for _ in 0..<pairCount {
            let key = try cursor.text("a key", limit: Self.keyLimit)
            let value = try cursor.value(key)
            guard values.updateValue(value, forKey: key) == nil else { throw cursor.failure("'\(key)' occurs twice") }
        }
        metadata = GGUFMetadata(values, path: path)
        let alignment = try metadata.integer("general.alignment", default: 32)
        guard alignment > 0, alignment <= Self.alignmentLimit, alignment & (alignment - 1) == 0 else {
            throw cursor.failure("an alignment of \(alignment) is no power of two up to \(Self.alignmentLimit)")
        }
        let size = bytes.count
        var entries: [Entry] = []
        for _ in 0..<tensorCount { entries.append(try Self.entry(&cursor, alignment: alignment, size: size)) }
        // Offsets count from the first aligned byte after the header.
        let base = (cursor.offset + alignment - 1) & ~(alignment - 1)
        tensors = try entries.map { entry throws(ModelError) in
            guard entry.place.upperBound <= size - base else {
                throw cursor.failure(
                    "tensor '\(entry.name)' should end at \(base + entry.place.upperBound), the file has \(size) bytes")
            }
            let place = entry.place.lowerBound + base..<entry.place.upperBound + base
            return Entry(
                name: entry.name, type: entry.type, shape: entry.shape, rowBytes: entry.rowBytes, place: place)
        }
        try Self.checkDistinct(tensors, cursor)
    }

    /// One tensor; its place counts from the first byte of data.
    private static func entry(
        _ cursor: inout GGUFCursor, alignment: Int, size: Int
    ) throws(ModelError) -> Entry {
        let name = try cursor.text("a tensor name", limit: nameLimit)
        let dimensions = try cursor.number(UInt32.self)
        guard (1...4).contains(dimensions) else {
            throw cursor.failure("tensor '\(name)' has \(dimensions) dimensions, 1 to 4 were expected")
        }
        var shape: [Int] = []
        for _ in 0..<dimensions { shape.append(try cursor.count(of: "is an extent of '\(name)'", limit: size)) }
        let code = try cursor.number(UInt32.self)
        let offset = try cursor.count(of: "is the offset of '\(name)'", limit: size)
        guard let type = WeightType(rawValue: code) else {
            let known = WeightType.allCases.map(\.name).joined(separator: ", ")
            throw cursor.failure("tensor '\(name)' is of \(WeightType.name(of: code)); supported are \(known)")
        }
        guard let rowBytes = type.rowBytes(columns: shape[0]) else {
            throw cursor.failure(
                "tensor '\(name)' has rows of \(shape[0]) numbers, no multiple of \(type.blockLength) as \(type.name) needs"
            )
        }
        var bytes = rowBytes
        for extent in shape.dropFirst() {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
            guard !overflow, product > 0, product <= size else {
                throw cursor.failure("tensor '\(name)' of shape \(shape) does not fit a file of \(size) bytes")
            }
            bytes = product
        }
        guard offset.isMultiple(of: alignment) else {
            throw cursor.failure("tensor '\(name)' begins at \(offset), no multiple of the alignment \(alignment)")
        }
        // offset ≤ size and bytes ≤ size · 4 (a row of one dimension): no overflow.
        return Entry(name: name, type: type, shape: shape, rowBytes: rowBytes, place: offset..<offset + bytes)
    }

    private static func checkDistinct(_ tensors: [Entry], _ cursor: GGUFCursor) throws(ModelError) {
        var names: Set<String> = []
        for tensor in tensors where !names.insert(tensor.name).inserted {
            throw cursor.failure("tensor '\(tensor.name)' occurs twice")
        }
        let ordered = tensors.sorted { $0.place.lowerBound < $1.place.lowerBound }
        for (first, second) in zip(ordered, ordered.dropFirst()) where first.place.upperBound > second.place.lowerBound
        {
            throw cursor.failure("the bytes of tensors '\(first.name)' and '\(second.name)' overlap")
        }
    }
}
