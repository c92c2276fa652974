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
        layers = LayerCache.each(of: shape.layers, shape, limit: self.limit)
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

/// Keys and values of one layer. Those of each head lie side by side, since a head is read from end to end; keys in blocks of 16
/// positions. Memory is taken as positions come.
@safe final class LayerCache {
    /// Positions whose keys lie side by side.
    static let block = 16
    /// Of all layers of one cache: what the system must be asked for, and given back, once.
    private let memory: GrowingFloats
    let places: Places

    /// Where keys and values are, as a plain value, so that threads do not count references to the cache in turns. Good while it lives.
    @safe struct Places {
        fileprivate let base: UnsafeMutablePointer<Float>
        fileprivate let heads: Int, headWidth: Int, capacity: Int

        /// Component d of position t: `keys(head)[t / 16 · keyStride + d · 16 + t % 16]`.
        func keys(_ head: Int) -> UnsafeMutablePointer<Float> { unsafe base + head * capacity * headWidth }
        var keyStride: Int { headWidth * LayerCache.block }
        /// Component d of position t: `values(head)[t · headWidth + d]`.
        func values(_ head: Int) -> UnsafeMutablePointer<Float> { unsafe keys(heads + head) }

        /// Writes the key and the value of one position.
        func store(position: Int, key: UnsafePointer<Float>, value: UnsafePointer<Float>) {
            precondition(position < capacity, "position \(position) of \(capacity)")
            for head in 0..<heads {
                let place = unsafe keys(head) + position / LayerCache.block * keyStride + position % LayerCache.block
                let start = head * headWidth
                for component in 0..<headWidth { unsafe place[component * LayerCache.block] = key[start + component] }
                unsafe (values(head) + position * headWidth).update(from: value + start, count: headWidth)
            }
        }
    }

    /// - Parameter limit: positions at most.
    static func each(of layers: Int, _ shape: TransformerShape, limit: Int) -> [LayerCache] {
        let capacity = (limit + block - 1) / block * block
        let length = 2 * shape.keyValueHeads * capacity * shape.headWidth
        let memory = GrowingFloats(layers * length)
        return (0..<layers).map { layer in
            unsafe LayerCache(
                memory,
                Places(
                    base: memory.base + layer * length, heads: shape.keyValueHeads, headWidth: shape.headWidth,
                    capacity: capacity))
        }
    }

    private init(_ memory: GrowingFloats, _ places: Places) {
        self.memory = memory
        self.places = places
    }

    /// - Precondition: another of the same shape, and as many positions fit.
    func take(_ other: LayerCache, positions: Int) {
        precondition(positions <= places.capacity, "\(positions) positions, room for \(places.capacity)")
        let blocks = (positions + Self.block - 1) / Self.block
        for head in 0..<places.heads {
            unsafe places.keys(head).update(from: other.places.keys(head), count: blocks * places.keyStride)
            unsafe places.values(head).update(from: other.places.values(head), count: positions * places.headWidth)
        }
    }
}
