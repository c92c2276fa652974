internal import Tensors

/// What the layers remember of one sequence: keys and values of each position. One thread uses it at a time.
package final class KeyValueCache {
    /// Positions that are in it.
    package internal(set) var count = 0
    /// Positions it may hold.
    package let limit: Int
    let shape: TransformerShape
    let layers: [LayerCache]

    /// - Parameter limit: positions at most; the context of the model bounds it.
    package init(_ shape: TransformerShape, limit: Int = .max) {
        self.shape = shape
        self.limit = min(limit, shape.contextLength)
        layers = (0..<shape.layers).map { [limit = self.limit] _ in LayerCache(shape, limit: limit) }
    }

    /// Forgets all positions from `count` on.
    /// - Precondition: there are as many.
    package func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count, "\(count) of \(self.count) positions")
        self.count = count
    }

    /// Another cache with the same first positions.
    /// - Parameter limit: positions that the copy may hold; nil = as many as this one.
    /// - Precondition: there are as many.
    package func copy(prefix: Int, limit: Int? = nil) -> KeyValueCache {
        precondition(prefix >= 0 && prefix <= count, "\(prefix) of \(count) positions")
        let copy = KeyValueCache(shape, limit: limit ?? self.limit)
        for (layer, other) in zip(layers, copy.layers) { other.take(layer, positions: prefix) }
        copy.count = prefix
        return copy
    }
}

/// Keys and values of one layer, in blocks of 16 positions. Memory grows as positions come.
@safe final class LayerCache {
    /// Positions whose keys lie side by side.
    static let block = 16
    private let width: Int, headWidth: Int, limit: Int
    private var keyMemory = Floats(0), valueMemory = Floats(0)
    private var capacity = 0

    init(_ shape: TransformerShape, limit: Int) {
        width = shape.keyWidth
        headWidth = shape.headWidth
        self.limit = limit
    }

    /// Component d of head h of position t: `keys[t / 16 · keyStride + (h · headWidth + d) · 16 + t % 16]`.
    var keys: UnsafeMutablePointer<Float> { unsafe keyMemory.base }
    var keyStride: Int { width * Self.block }
    /// Component d of head h of position t: `values[t · width + h · headWidth + d]`.
    var values: UnsafeMutablePointer<Float> { unsafe valueMemory.base }

    /// Makes room for the positions before `count`, and keeps what is there.
    func reserve(_ count: Int) {
        guard count > capacity else { return }
        // An eighth more each time: copying stays cheap, and little is taken in vain.
        let wanted = capacity == 0 ? count : capacity + max(4 * Self.block, capacity / 8)
        let blocks = (max(count, min(limit, wanted)) + Self.block - 1) / Self.block
        let (oldKeys, oldValues) = (keyMemory, valueMemory)
        keyMemory = Floats(blocks * Self.block * width)
        valueMemory = Floats(blocks * Self.block * width)
        unsafe keyMemory.base.update(from: oldKeys.base, count: capacity * width)
        unsafe valueMemory.base.update(from: oldValues.base, count: capacity * width)
        capacity = blocks * Self.block
    }

    /// Writes the key and the value of one position.
    func store(position: Int, key: UnsafePointer<Float>, value: UnsafePointer<Float>) {
        precondition(position < capacity, "position \(position) of \(capacity)")
        let place = unsafe keys + position / Self.block * keyStride + position % Self.block
        for component in 0..<width { unsafe place[component * Self.block] = key[component] }
        unsafe (values + position * width).update(from: value, count: width)
    }

    func take(_ other: LayerCache, positions: Int) {
        guard positions > 0, other.capacity > 0 else { return }
        reserve(positions)
        let blocks = (positions + Self.block - 1) / Self.block
        unsafe keys.update(from: other.keys, count: blocks * keyStride)
        unsafe values.update(from: other.values, count: positions * width)
    }
}
