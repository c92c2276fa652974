package import Tensors

/// Runs a language model: many sequences in one pass, with the same bits however they are batched, cut or spread over threads.
///
/// One thread calls it at a time.
package final class Transformer {
    package enum LogitsWanted: Hashable, Sendable { case none, last, all }

    /// The next tokens of one sequence.
    package struct Piece {
        package let cache: KeyValueCache
        package let tokens: [TokenID]
        package let logits: LogitsWanted

        package init(cache: KeyValueCache, tokens: [TokenID], logits: LogitsWanted) {
            self.cache = cache
            self.tokens = tokens
            self.logits = logits
        }
    }

    package let model: LanguageModel
    package let arithmetic: Arithmetic
    let context: LayerWork.Context
    let weights: TransformerWeights
    let rotary: RotaryCache
    private(set) var work: LayerWork
    private let kept: KeptStates
    private var logitMemory = Floats(0)
    /// Long work calls this between its pieces, so that others who share the transformer can use it; it says how many tokens the next
    /// piece may have. Nil: nobody else does.
    package var turn: (() -> Int)?

    /// Rows that pass through the layers together: enough to use each weight often, few enough to stay in the caches.
    static let rowLimit = 128
    /// Rows whose logits are computed together: three tiles. Each takes as many floats as the vocabulary has tokens.
    package static let headLimit = 36

    /// - Throws: ``ModelError`` when the weights do not go with the shape of the model, or memory is short.
    package init(
        _ model: LanguageModel, arithmetic: Arithmetic, threads: Int, on backend: Backend = .fastest
    ) throws(ModelError) {
        let crew = Crew(threads: threads)
        self.model = model
        self.arithmetic = arithmetic
        weights = try model.weights(crew: crew)
        context = LayerWork.Context(shape: model.shape, arithmetic: arithmetic, crew: crew, backend: backend)
        rotary = RotaryCache(model.shape, factors: weights.ropeFactors)
        work = LayerWork(capacity: 1, context)
        kept = KeptStates(model.shape, crew: crew)
    }

    /// Feeds each piece to its sequence.
    /// - Returns: for each piece the logits it wants, one row of the vocabulary after the other.
    /// - Throws: ``ModelError``; the caches then hold what they held before.
    package func forward(_ pieces: [Piece], observer: (any StateObserver)? = nil) throws(ModelError) -> [[Float]] {
        try check(pieces)
        let vocabulary = model.shape.vocabulary
        var results = pieces.map { piece in
            var logits: [Float] = []
            logits.reserveCapacity(Self.wanted(piece).count * vocabulary)
            return logits
        }
        let rows = pieces.enumerated().flatMap { index, piece in
            piece.tokens.enumerated().map { Row(piece: index, position: piece.cache.count + $0, token: $1) }
        }
        for start in stride(from: 0, to: rows.count, by: Self.rowLimit) {
            let chunk = Array(rows[start..<min(start + Self.rowLimit, rows.count)])
            prepare(chunk)
            embed(chunk, then: reader(chunk, boundary: 0, observer))
            report(chunk, boundary: 0, observer)
            for layer in 0..<model.shape.layers {
                let caches = pieces.map { $0.cache.layers[layer] }
                let reader = reader(chunk, boundary: layer + 1, observer)
                try work.run(chunk, layer: layer, weights.layers[layer], caches, rotary, then: reader)
                report(chunk, boundary: layer + 1, observer)
            }
            // Every last state is checked, wanted or not: a transcript then never holds one that is no number.
            try work.normalize(chunk, weights.outputNorm, layer: model.shape.layers)
            let wanted = chunk.indices.filter { index in
                let piece = pieces[chunk[index].piece]
                return Self.wanted(piece).contains(chunk[index].position - piece.cache.count)
            }
            // Rows of a piece come in the order of its tokens.
            unsafe try head(wanted.map { ($0, chunk[$0]) }) { numbers, logits, stride in
                for (index, number) in numbers.enumerated() {
                    unsafe results[chunk[wanted[number]].piece].append(
                        contentsOf: UnsafeBufferPointer(start: logits + index * stride, count: vocabulary))
                }
            }
            if let observer, chunk.count <= KeptStates.rowLimit { kept.show(chunk, to: observer) }
        }
        for piece in pieces { piece.cache.count += piece.tokens.count }
        return results
    }

    /// The places among the tokens of a piece whose logits are wanted.
    private static func wanted(_ piece: Piece) -> Range<Int> {
        switch piece.logits {
        case .none: 0..<0
        case .last: max(0, piece.tokens.count - 1)..<piece.tokens.count
        case .all: 0..<piece.tokens.count
        }
    }

    private func check(_ pieces: [Piece]) throws(ModelError) {
        for (index, piece) in pieces.enumerated() {
            guard piece.cache.shape == model.shape else { throw .inputMismatch("the cache of another model") }
            if pieces[..<index].contains(where: { $0.cache === piece.cache }) {
                throw .inputMismatch("two pieces of one sequence; join their tokens")
            }
            guard piece.tokens.count <= piece.cache.limit - piece.cache.count else {
                throw .contextFull(positions: piece.cache.count + piece.tokens.count, limit: piece.cache.limit)
            }
            if let token = piece.tokens.first(where: { $0 >= model.shape.vocabulary }) {
                throw .unknownToken(token, vocabulary: model.shape.vocabulary)
            }
        }
    }

    func prepare(_ rows: [Row]) {
        if work.capacity < rows.count { work = LayerWork(capacity: rows.count, context) }
        rotary.reserve(rows.reduce(0) { max($0, $1.position + 1) })
    }

    func embed(_ rows: [Row], then reader: StateReader? = nil) {
        let width = model.shape.width
        work.make(rows.count, then: reader) { index in
            let state = unsafe work.states + index * width
            unsafe weights.embedding.unpack(row: Int(rows[index].token), to: state)
            if model.shape.embeddingScale != 1 {
                unsafe context.backend.scale(state, by: model.shape.embeddingScale, count: width)
            }
        }
    }

    private func reader(_ rows: [Row], boundary: Int, _ observer: (any StateObserver)?) -> StateReader? {
        guard let observer, rows.count > KeptStates.rowLimit else { return nil }
        return observer.reader(of: atWork(rows, boundary: boundary))
    }

    private func report(_ rows: [Row], boundary: Int, _ observer: (any StateObserver)?) {
        guard let observer else { return }
        if rows.count <= KeptStates.rowLimit {
            return unsafe kept.keep(work.states, rows: rows.count, boundary: boundary)
        }
        observer.observe(atWork(rows, boundary: boundary))
    }

    /// The states of rows of the working space.
    func atWork(_ rows: [Row], boundary: Int) -> BoundaryStates {
        unsafe BoundaryStates(
            rows: rows, boundary: boundary, width: model.shape.width, first: work.states, crew: context.crew)
    }

    /// Final norm and output matrix of some rows of the working space, which lose their states. Calls `body` with which of them it has the
    /// logits of, the first logits, and how far they are apart.
    func head(
        _ rows: [(place: Int, row: Row)], _ body: (Range<Int>, UnsafePointer<Float>, Int) -> Void
    ) throws(ModelError) {
        let width = model.shape.width, stride = weights.output.paddedRows
        for first in Swift.stride(from: 0, to: rows.count, by: Self.headLimit) {
            let some = rows[first..<min(first + Self.headLimit, rows.count)]
            for (index, (place, _)) in some.enumerated() where place != index {
                unsafe (work.states + index * width).update(from: work.states + place * width, count: width)
            }
            try work.normalize(some.map(\.row), weights.outputNorm, layer: model.shape.layers)
            if logitMemory.count < some.count * stride { logitMemory = Floats(some.count * stride) }
            unsafe work.normalized.multiply(
                [.init(weights.output, to: logitMemory.base, stride: stride)], positions: some.count,
                integers: context.integers, crew: context.crew, on: context.backend)
            unsafe body(some.indices, logitMemory.base, stride)
        }
    }
}
