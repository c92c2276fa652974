internal import Tensors

/// Checks the tensors of a file one by one, then lays out all matrices at once.
struct WeightLoader {
    private let file: GGUFFile
    private var matrices: [GGUFTensor] = []
    private var used: Set<String> = []

    /// Bytes that matrices may take in memory: 2^40, more than any machine has, and no sum below it overflows.
    private static let memoryLimit = 1 << 40

    init(_ file: GGUFFile) { self.file = file }

    private func refuse(_ reason: String) -> ModelError { .gguf(path: file.path, reason: reason) }

    /// Notes that a matrix is needed.
    mutating func matrix(_ name: String, rows: Int, columns: Int) throws(ModelError) {
        let tensor = try file.tensor(name)
        guard tensor.shape == [columns, rows] else {
            throw refuse("'\(name)' has the shape \(tensor.shape), [\(columns), \(rows)] was expected")
        }
        used.insert(name)
        matrices.append(tensor)
    }

    /// The values of a vector; nil when it is optional and not there.
    mutating func vector(_ name: String, _ count: Int, optional: Bool) throws(ModelError) -> [Float]? {
        if optional && file.tensors[name] == nil { return nil }
        let tensor = try file.tensor(name)
        guard tensor.shape == [count] else {
            throw refuse("'\(name)' has the shape \(tensor.shape), [\(count)] was expected")
        }
        used.insert(name)
        return tensor.row(0)
    }

    /// A tensor that nobody asked for would change what the model computes.
    func refuseOthers() throws(ModelError) {
        if let name = file.tensorNames.first(where: { !used.contains($0) }) {
            throw refuse("tensor '\(name)' belongs to no model that can be run")
        }
    }

    /// The matrices by name.
    func pack(_ crew: Crew) throws(ModelError) -> [String: PackedMatrix] {
        var offsets: [Int] = [], bytes = 0
        for tensor in matrices {
            offsets.append(bytes)
            bytes += PackedMatrix.bytes(tensor.type, rows: tensor.shape[1], columns: tensor.shape[0])
            guard bytes <= Self.memoryLimit else { throw refuse("takes more than \(Self.memoryLimit) bytes of memory") }
        }
        guard let memory = PackedMemory(bytes: bytes) else { throw refuse("needs \(bytes) bytes of memory; free some") }
        let packed = zip(matrices, offsets).map { tensor, offset in
            PackedMatrix(
                tensor.type, rows: tensor.shape[1], columns: tensor.shape[0], memory: memory, offset: offset)
        }
        let size = 64  // Groups of one item: about half a megabyte of a large matrix.
        let items = packed.enumerated().flatMap { index, matrix in
            stride(from: 0, to: matrix.groups, by: size).map { (index, $0..<min($0 + size, matrix.groups)) }
        }
        crew.run(items.count) { item, _ in
            let (index, groups) = items[item]
            let tensor = matrices[index]
            unsafe packed[index].pack(groups: groups, from: tensor.bytes)
            // Now, so that the file and its copy are never in memory together; what lies across items, at the end.
            let rows = PackedMatrix.groupRows * tensor.rowBytes
            let bytes = groups.lowerBound * rows..<min(groups.upperBound * rows, tensor.rows * tensor.rowBytes)
            unsafe PackedMemory.forget(UnsafeRawBufferPointer(rebasing: tensor.bytes[bytes]))
        }
        forget()
        return Dictionary(uniqueKeysWithValues: zip(matrices.map(\.name), packed))
    }

    /// The file's pages are not needed for now: what they hold is in memory a second time.
    private func forget() {
        let all = unsafe matrices.map(\.bytes)
        let starts = unsafe all.compactMap(\.baseAddress)
        let ends = unsafe all.compactMap { bytes in unsafe bytes.baseAddress?.advanced(by: bytes.count) }
        guard let start = unsafe starts.min(), let end = unsafe ends.max() else { return }
        unsafe PackedMemory.forget(UnsafeRawBufferPointer(start: start, count: end - start))
    }
}
