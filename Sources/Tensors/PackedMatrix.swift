internal import Kernels

/// Pages for the packed weights of a whole model: in one piece, so that the system can use large ones.
@safe package final class PackedMemory: Sendable {
    nonisolated(unsafe) fileprivate let base: UnsafeMutableRawPointer
    private let bytes: Int

    /// - Returns: nil when the system has no such amount of memory.
    package init?(bytes: Int) {
        guard let base = unsafe banyan_pages_take(max(bytes, 1)) else { return nil }
        unsafe self.base = unsafe base
        self.bytes = bytes
    }

    deinit { unsafe banyan_pages_return(base, max(bytes, 1)) }

    /// Says that these bytes of a mapped file are not needed for now.
    package static func forget(_ mapped: UnsafeRawBufferPointer) {
        if let base = mapped.baseAddress { unsafe banyan_pages_forget(base, mapped.count) }
    }
}

/// A matrix of weights, its rows in groups of 16 that lie side by side for the lanes of the kernels.
@safe package struct PackedMatrix: Sendable {
    package let type: WeightType
    package let rows: Int
    package let columns: Int
    private let memory: PackedMemory
    private let offset: Int
    private let rowBytes: Int

    /// Rows of one group.
    package static let groupRows = 16
    /// Rows including those that fill the last group; a result needs room for as many values.
    package var paddedRows: Int { groups * Self.groupRows }
    package var groups: Int { (rows + Self.groupRows - 1) / Self.groupRows }
    /// Bytes of memory that the matrix takes.
    package var bytes: Int { groups * groupBytes }
    var groupBytes: Int { banyan_group_bytes(type.layout, columns) }

    /// Bytes that a matrix will take.
    package static func bytes(_ type: WeightType, rows: Int, columns: Int) -> Int {
        (rows + groupRows - 1) / groupRows * banyan_group_bytes(type.layout, columns)
    }

    /// A matrix at a place of its memory, not filled yet: see ``pack(groups:from:)``.
    /// - Precondition: `columns` is a whole number of blocks of the type; the memory reaches that far.
    package init(_ type: WeightType, rows: Int, columns: Int, memory: PackedMemory, offset: Int) {
        guard let rowBytes = type.rowBytes(columns: columns) else {
            preconditionFailure("rows of \(columns) columns are not whole blocks of \(type)")
        }
        self.type = type
        self.rows = rows
        self.columns = columns
        self.memory = memory
        self.offset = offset
        self.rowBytes = rowBytes
    }

    /// Fills some groups from the rows as the file stores them.
    /// - Precondition: `stored` holds all rows of the matrix.
    package func pack(groups: Range<Int>, from stored: UnsafeRawBufferPointer) {
        precondition(stored.count == rows * rowBytes, "\(stored.count) bytes are not \(rows) rows of \(rowBytes)")
        guard let from = stored.baseAddress else { return }
        for group in groups {
            let first = group * Self.groupRows
            unsafe banyan_pack(
                type.rawValue, (from + first * rowBytes).assumingMemoryBound(to: UInt8.self), rowBytes,
                min(Self.groupRows, rows - first), columns, start(group))
        }
    }

    /// Writes one row as floats.
    package func unpack(row: Int, to out: UnsafeMutablePointer<Float>) {
        precondition(row >= 0 && row < rows, "row \(row) of \(rows)")
        unsafe banyan_unpack_row(
            type.layout, start(row / Self.groupRows), row % Self.groupRows, columns, out)
    }

    func start(_ group: Int) -> UnsafeMutablePointer<UInt8> {
        unsafe (memory.base + offset + group * groupBytes).assumingMemoryBound(to: UInt8.self)
    }
}

extension WeightType {
    var layout: banyan_layout {
        switch self {
        case .float32: BANYAN_F32
        case .float16: BANYAN_F16
        case .bfloat16: BANYAN_BF16
        case .q4_0: BANYAN_NIBBLES
        case .q4_1: BANYAN_NIBBLES_OFFSET
        case .q4_K: BANYAN_NIBBLES_WIDE
        case .q5_0, .q8_0: BANYAN_BYTES
        case .q5_1: BANYAN_BYTES_OFFSET
        case .q6_K: BANYAN_BYTES_FACTORS
        }
    }
}
