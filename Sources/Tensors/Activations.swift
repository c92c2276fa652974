internal import Kernels

/// What enters a product: one vector for each of several positions, as floats, and as integers where those are multiplied.
@safe package final class Activations {
    package let columns: Int
    package let capacity: Int
    /// Position t begins at `floats + t · columns`.
    package var floats: UnsafeMutablePointer<Float> { unsafe memory.base }
    private let memory: Floats
    private let integers: UnsafeMutablePointer<Int8>
    private let scales: UnsafeMutablePointer<Float>
    private let totals: UnsafeMutablePointer<Int32>
    private let sums: UnsafeMutablePointer<Float>
    /// The integers once more, laid for products of many positions; nil until there is one.
    private var tiles: UnsafeMutablePointer<Int8>?

    /// From so many positions on, laying them side by side costs less than it saves.
    private static let tiledPositions = 4

    /// Groups of rows of one item times their columns: a microsecond or two, which is what a thread waits for another at most.
    private static let itemColumns = 1152

    package init(positions: Int, columns: Int) {
        precondition(columns % QuantizedBlock.length == 0, "\(columns) columns are not whole blocks")
        self.columns = columns
        capacity = positions
        memory = Floats(positions * columns)
        let blocks = positions * columns / QuantizedBlock.length
        unsafe integers = .allocate(capacity: positions * columns)
        unsafe scales = .allocate(capacity: blocks)
        unsafe totals = .allocate(capacity: blocks)
        unsafe sums = .allocate(capacity: blocks)
    }

    deinit {
        unsafe integers.deallocate()
        unsafe scales.deallocate()
        unsafe totals.deallocate()
        unsafe sums.deallocate()
        unsafe tiles?.deallocate()
    }

    /// Rounds the vector of one position to integers.
    package func quantize(position: Int, on backend: Backend) {
        let blocks = columns / QuantizedBlock.length
        unsafe backend.language.quantize(
            floats + position * columns, blocks, integers + position * columns, scales + position * blocks,
            totals + position * blocks, sums + position * blocks)
    }

    /// Where the product with one matrix goes: row r of position t to `out[t · stride + r]`, padded rows included.
    @safe package struct Product {
        package let matrix: PackedMatrix
        package let out: UnsafeMutablePointer<Float>
        package let stride: Int

        package init(_ matrix: PackedMatrix, to out: UnsafeMutablePointer<Float>, stride: Int) {
            precondition(stride >= matrix.paddedRows, "no room for \(matrix.paddedRows) rows in \(stride)")
            self.matrix = matrix
            unsafe self.out = unsafe out
            self.stride = stride
        }
    }

    /// All products of several matrices with the first `positions` vectors.
    package func multiply(
        _ products: [Product], positions: Int, integers: Bool, crew: Crew, on backend: Backend
    ) {
        precondition(positions <= capacity, "\(positions) positions, room for \(capacity)")
        let tiled = integers && positions >= Self.tiledPositions && layTiles(positions, crew: crew, on: backend)
        let total = products.reduce(0) { $0 + $1.matrix.groups }
        let size = crew.threads == 1 ? total : max(1, min(total / (crew.threads * 8), Self.itemColumns / columns))
        // Plain values, so that threads do not count references to the same objects in turns.
        var jobs: [(first: Int, integers: Bool, whole: banyan_product)] = unsafe []
        var items = 0
        for product in products {
            let whole = unsafe job(product, positions: positions, tiled: tiled)
            unsafe jobs.append((items, integers && product.matrix.type.isQuantized, whole))
            items += (product.matrix.groups + size - 1) / size
        }
        let language = backend.language
        withExtendedLifetime(products) {
            unsafe jobs.withUnsafeBufferPointer { jobs in
                crew.run(items) { item, _ in
                    guard let job = unsafe jobs.last(where: { unsafe $0.first <= item }) else { return }
                    var part = unsafe Self.part(job.whole, from: (item - job.first) * size, count: size)
                    if unsafe job.integers {
                        unsafe language.product_integers(&part)
                    } else {
                        unsafe language.product_floats(&part)
                    }
                }
            }
        }
    }

    /// All rows of one matrix times the first `positions` vectors.
    private func job(_ product: Product, positions: Int, tiled: Bool) -> banyan_product {
        let matrix = product.matrix
        precondition(matrix.columns == columns, "\(matrix.columns) columns, not \(columns)")
        return unsafe banyan_product(
            layout: matrix.type.layout, weights: matrix.start(0), group_bytes: matrix.groupBytes,
            rows: matrix.groups * PackedMatrix.groupRows, columns: columns, positions: positions, x: floats,
            integers: integers, scales: scales, totals: totals, sums: sums, tiles: tiled ? tiles : nil,
            out: product.out, out_stride: product.stride)
    }

    /// The same of `count` groups of rows, or as many as there are from `group` on.
    private static func part(_ whole: banyan_product, from group: Int, count: Int) -> banyan_product {
        let first = group * PackedMatrix.groupRows
        var part = unsafe whole
        unsafe part.weights += group * part.group_bytes
        unsafe part.out += first
        unsafe part.rows = min(count * PackedMatrix.groupRows, part.rows - first)
        return unsafe part
    }

    /// - Returns: whether the backend's products have a use for tiles.
    private func layTiles(_ positions: Int, crew: Crew, on backend: Backend) -> Bool {
        guard let pack = unsafe backend.language.pack_tile else { return false }
        let length = Int(BANYAN_TILE), blocks = columns / QuantizedBlock.length
        let bytes = blocks * Int(BANYAN_TILE_BYTES)
        let tiles = unsafe tiles ?? allocateTiles((capacity + length - 1) / length * bytes)
        unsafe self.tiles = unsafe tiles
        crew.run(positions, by: length) { some in
            let first = some.lowerBound
            unsafe pack(
                integers + first * columns, scales + first * blocks, totals + first * blocks, sums + first * blocks,
                columns, some.count, tiles + first / length * bytes)
        }
        return true
    }

    /// All zero, since a product reads the last tile to its end.
    private func allocateTiles(_ bytes: Int) -> UnsafeMutablePointer<Int8> {
        unsafe UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64).initializeMemory(
            as: Int8.self, repeating: 0, count: bytes)
    }
}
