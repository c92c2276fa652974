internal import Synchronization
internal import Tensors

/// One position that passes through the layers.
typealias Row = BoundaryStates.Row

/// The working space of up to `capacity` rows, and what one layer does to them.
@safe final class LayerWork {
    let capacity: Int
    /// State of row r from `states + r · width`.
    let states: UnsafeMutablePointer<Float>
    private let stateMemory: Floats
    let normalized: Activations
    private let attended: Activations, gated: Activations
    private let queries: Floats, keys: Floats, values: Floats, up: Floats, result: Floats
    /// Queries and results of attention by head of keys, then by row: rows that share keys lie together.
    let groupedQueries: Floats, groupedResults: Floats
    /// Of attention, for each thread.
    var scores: [Floats] = []
    let context: Context

    /// What is the same for all passes.
    struct Context {
        let shape: TransformerShape
        let arithmetic: Arithmetic
        let crew: Crew
        let backend: Backend
        var integers: Bool { arithmetic == .int8 }
    }

    init(capacity: Int, _ context: Context) {
        let shape = context.shape
        self.capacity = capacity
        self.context = context
        stateMemory = Floats(capacity * shape.width)
        unsafe states = stateMemory.base
        normalized = Activations(positions: capacity, columns: shape.width)
        attended = Activations(positions: capacity, columns: shape.queryWidth)
        gated = Activations(positions: capacity, columns: shape.feedForward)
        queries = Floats(capacity * shape.queryWidth)
        keys = Floats(capacity * shape.keyWidth)
        values = Floats(capacity * shape.keyWidth)
        up = Floats(capacity * shape.feedForward)
        result = Floats(capacity * shape.width)
        groupedQueries = Floats(capacity * shape.queryWidth)
        groupedResults = Floats(capacity * shape.queryWidth)
    }

    /// Runs `body` for each row, on several threads when there are many.
    func forRows(_ count: Int, _ body: (Int) -> Void) {
        context.crew.run(count, by: max(4, count / (context.crew.threads * 4))) { for row in $0 { body(row) } }
    }

    /// The states of the rows, normalised and rounded, as the next products take them.
    /// - Parameter adding: whether the result of the last product is added to them first.
    /// - Throws: ``ModelError/notFinite(layer:position:)``.
    func normalize(_ rows: [Row], _ weight: Vector, layer: Int, adding: Bool = false) throws(ModelError) {
        let width = context.shape.width
        let firstBad = Atomic<Int>(.max)
        forRows(rows.count) { row in
            if adding { add(row) }
            let isFinite = unsafe context.backend.normalize(
                states + row * width, weight: weight.floats, epsilon: context.shape.normEpsilon,
                to: normalized.floats + row * width)
            if !isFinite { firstBad.min(row, ordering: .relaxed) }
            if context.integers { normalized.quantize(position: row, on: context.backend) }
        }
        let bad = firstBad.load(ordering: .relaxed)
        guard bad == .max else { throw .notFinite(layer: layer, position: rows[bad].position) }
    }

    /// Takes the rows from boundary `layer` to the next.
    /// - Parameters:
    ///   - caches: of this layer, one for each sequence, with room for the rows.
    ///   - reader: of the states at that boundary.
    func run(
        _ rows: [Row], layer: Int, _ weights: LayerWeights, _ caches: [LayerCache], _ rotary: RotaryCache,
        then reader: StateReader?
    ) throws(ModelError) {
        let shape = context.shape, count = rows.count
        try normalize(rows, weights.attentionNorm, layer: layer)
        multiply(
            normalized, count, (weights.query, queries, shape.queryWidth), (weights.key, keys, shape.keyWidth),
            (weights.value, values, shape.keyWidth))
        let places = caches.map(\.places)
        withExtendedLifetime(caches) {
            forRows(count) { prepare($0, rows[$0], count, weights, places[rows[$0].piece], rotary) }
        }
        attend(rows, caches)
        forRows(count) { row in
            gather(row, count)
            if context.integers { attended.quantize(position: row, on: context.backend) }
        }
        multiply(attended, count, (weights.output, result, shape.width))
        try normalize(rows, weights.feedForwardNorm, layer: layer, adding: true)
        multiply(
            normalized, count,
            [
                unsafe .init(weights.gate, to: gated.floats, stride: shape.feedForward),
                unsafe .init(weights.up, to: up.base, stride: shape.feedForward),
            ])
        forRows(count) { row in
            let start = row * shape.feedForward
            unsafe context.backend.gate(
                gated.floats + start, up.base + start, count: shape.feedForward, gelu: shape.gate == .geGLU)
            if context.integers { gated.quantize(position: row, on: context.backend) }
        }
        multiply(gated, count, (weights.down, result, shape.width))
        make(count, then: reader) { add($0) }
    }

    /// Makes the states of `count` rows at a boundary by `body`, and has them read where they are made.
    func make(_ count: Int, then reader: StateReader?, _ body: (Int) -> Void) {
        guard let reader else { return forRows(count, body) }
        context.crew.run(count, by: BoundaryStates.readTogether) { rows in
            for row in rows { body(row) }
            reader(rows)
        }
    }

    private func multiply(_ input: Activations, _ count: Int, _ products: (PackedMatrix, Floats, Int)...) {
        multiply(input, count, products.map { unsafe .init($0.0, to: $0.1.base, stride: $0.2) })
    }

    private func multiply(_ input: Activations, _ count: Int, _ products: [Activations.Product]) {
        input.multiply(
            products, positions: count, integers: context.integers, crew: context.crew, on: context.backend)
    }

    private func add(_ row: Int) {
        let width = context.shape.width
        unsafe context.backend.add(states + row * width, result.base + row * width, count: width)
    }

    /// Biases, norms of heads, rotation; then the query to its place among those that share keys, key and value to the cache.
    private func prepare(
        _ row: Int, _ place: Row, _ count: Int, _ weights: LayerWeights, _ cache: LayerCache.Places,
        _ rotary: RotaryCache
    ) {
        let shape = context.shape, backend = context.backend
        let query = unsafe queries.base + row * shape.queryWidth
        let key = unsafe keys.base + row * shape.keyWidth, value = unsafe values.base + row * shape.keyWidth
        unsafe bias(query, weights.queryBias)
        unsafe bias(key, weights.keyBias)
        unsafe bias(value, weights.valueBias)
        unsafe normalizeHeads(query, shape.heads, weights.queryNorm)
        unsafe normalizeHeads(key, shape.keyValueHeads, weights.keyNorm)
        unsafe rotate(query, shape.heads, place.position, rotary)
        unsafe rotate(key, shape.keyValueHeads, place.position, rotary)
        unsafe backend.scale(query, by: shape.queryScale, count: shape.queryWidth)
        let shared = shape.group * shape.headWidth
        for head in 0..<shape.keyValueHeads {
            unsafe (groupedQueries.base + (head * count + row) * shared).update(
                from: query + head * shared, count: shared)
        }
        unsafe cache.store(position: place.position, key: key, value: value)
    }

    private func rotate(_ vector: UnsafeMutablePointer<Float>, _ heads: Int, _ position: Int, _ rotary: RotaryCache) {
        let shape = context.shape
        unsafe context.backend.rotate(
            vector, heads: heads, width: shape.headWidth, cosines: rotary.cosines(position),
            sines: rotary.sines(position), pairs: rotary.pairs, interleaved: shape.ropePairing == .interleaved)
    }

    private func bias(_ vector: UnsafeMutablePointer<Float>, _ bias: Vector?) {
        if let bias { unsafe context.backend.add(vector, bias.floats.base, count: bias.floats.count) }
    }

    /// An infinite result here makes the state infinite too: the next norm of states finds it.
    private func normalizeHeads(_ vector: UnsafeMutablePointer<Float>, _ heads: Int, _ norm: Vector?) {
        guard let norm else { return }
        for head in 0..<heads {
            let values = unsafe vector + head * context.shape.headWidth
            _ = unsafe context.backend.normalize(
                values, weight: norm.floats, epsilon: context.shape.normEpsilon, to: values)
        }
    }

    private func gather(_ row: Int, _ count: Int) {
        let shared = context.shape.group * context.shape.headWidth
        for head in 0..<context.shape.keyValueHeads {
            unsafe (attended.floats + row * context.shape.queryWidth + head * shared).update(
                from: groupedResults.base + (head * count + row) * shared, count: shared)
        }
    }
}
