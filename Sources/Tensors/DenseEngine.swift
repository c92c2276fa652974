internal import Kernels

/// A stack of fully connected layers over a batch of byte images: forward, backward and descent without leaving the caches.
///
/// Sixteen samples lie side by side in a panel, so that a vector register holds one feature of eight samples; weights are
/// read in place, row by row. What is computed is `relu(W·x + b)` per layer, no ReLU on the last, softmax cross-entropy,
/// and for each weight the fused chain over the samples of the batch in their order (see ``Reduction``).
///
/// Parameters are flat: for each layer its weights `[out][in]`, then its biases `[out]`.
package final class DenseEngine {
    /// Samples side by side in a panel.
    static let lanes = 16
    /// Rows of weights whose gradient is computed before they are updated: 24 × 784 floats stay in the second-level cache.
    private static let chunk = 24

    package let layers: [Int]
    /// Most samples of one batch.
    package let capacity: Int
    package let threads: Int
    package let parameterCount: Int
    private let backend: Backend
    private let offsets: [Int]

    private let inputRows: Floats
    /// Per layer boundary 0…L: panels `[batch / 16][features][16]` of what flows forward, and the same as rows.
    private let panels: [Floats]
    private let rows: [Floats]
    /// Per layer 1…L: the gradient at its output before ReLU, as panels (the last shares `panels`) and as rows.
    private let deltas: [Floats]
    private let deltaRows: [Floats]
    private let losses: Floats
    private let gradients: [Floats]

    /// - Parameters:
    ///   - layers: widths from the input to the classes; at least two, all positive, at most 256 classes.
    ///   - capacity: the most samples of one batch.
    package init(layers: [Int], capacity: Int, threads: Int = 1, on backend: Backend = .fastest) {
        precondition(layers.count >= 2 && layers.allSatisfy { $0 > 0 }, "no network has the layers \(layers)")
        precondition(layers[layers.count - 1] <= 256, "labels are bytes: \(layers) has too many classes")
        precondition(capacity > 0 && threads > 0, "a batch of \(capacity) on \(threads) threads")
        precondition(FloatEnvironment.isStandard, "this thread flushes denormals or does not round to nearest even")
        self.layers = layers
        self.capacity = capacity
        self.threads = threads
        self.backend = backend
        var offset = 0
        var offsets: [Int] = []
        for (from, to) in zip(layers, layers.dropFirst()) {
            offsets.append(offset)
            offset += (from + 1) * to
        }
        self.offsets = offsets
        parameterCount = offset
        let padded = (capacity + Self.lanes - 1) / Self.lanes * Self.lanes
        panels = layers.map { Floats($0 * padded) }
        rows = layers.dropLast().map { Floats($0 * padded) }
        inputRows = rows[0]
        deltas = layers.dropFirst().dropLast().map { Floats($0 * padded) } + [panels[layers.count - 1]]
        deltaRows = layers.dropFirst().map { Floats($0 * padded) }
        losses = Floats(padded)
        gradients = (0..<threads).map { _ in Floats(Self.chunk * layers.dropLast().max()! + Self.chunk) }
    }

    /// One step of stochastic gradient descent with momentum on the mean loss of the batch.
    /// - Precondition: 1 to `capacity` samples, each index and label within bounds, `parameterCount` parameters and speeds.
    /// - Returns: the mean loss before the step.
    package func step(
        _ parameters: inout [Float], momentum speeds: inout [Float], images: borrowing Images,
        samples: ArraySlice<UInt32>,
        rate: Float, momentum: Float
    ) -> Float {
        let count = samples.count
        let scale = 1 / Float(count)
        check(parameters, images, samples)
        precondition(speeds.count == parameterCount, "\(speeds.count) speeds for \(parameterCount) parameters")
        return unsafe parameters.withUnsafeMutableBufferPointer { w in
            unsafe speeds.withUnsafeMutableBufferPointer { v in
                let w = w.baseAddress!, v = v.baseAddress!
                overPanels(count) { panel in
                    unsafe forward(panel, w, images, samples, scale: scale)
                    unsafe backward(panel, w, count)
                }
                unsafe update(w, v, count, rate: rate, momentum: momentum)
                return unsafe backend.kernels.sum(losses.base, count) * scale
            }
        }
    }

    /// The losses and predicted classes of a batch.
    /// - Precondition: as for ``step(_:momentum:images:samples:rate:momentum:)``.
    package func evaluate(
        _ parameters: [Float], images: borrowing Images, samples: ArraySlice<UInt32>
    ) -> (losses: [Float], classes: [Int]) {
        check(parameters, images, samples)
        let count = samples.count
        let padded = (count + Self.lanes - 1) / Self.lanes * Self.lanes
        let classes = unsafe [Int32](unsafeUninitializedCapacity: padded) { best, initialized in
            unsafe parameters.withUnsafeBufferPointer { w in
                let w = w.baseAddress!, best = best.baseAddress!
                overPanels(count) { panel in
                    unsafe forward(panel, w, images, samples, scale: 1, best: best + panel * Self.lanes)
                }
            }
            initialized = padded
        }
        return unsafe (
            Array(UnsafeBufferPointer(start: losses.base, count: count)), classes.prefix(count).map(Int.init)
        )
    }

    private func check(_ parameters: [Float], _ images: borrowing Images, _ samples: ArraySlice<UInt32>) {
        precondition(parameters.count == parameterCount, "\(parameters.count) parameters, not \(parameterCount)")
        precondition(!samples.isEmpty && samples.count <= capacity, "a batch of \(samples.count), at most \(capacity)")
        precondition(images.width == layers[0], "images of \(images.width) values for a layer of \(layers[0])")
        precondition(images.classes <= layers[layers.count - 1], "\(images.classes) classes, layers \(layers)")
        precondition(samples.allSatisfy { $0 < images.count }, "a sample beyond the last image")
    }

    private func overPanels(_ count: Int, _ body: (Int) -> Void) {
        Parallel.split(0..<(count + Self.lanes - 1) / Self.lanes, grain: 1, threads: threads) { $0.forEach(body) }
    }

    private func forward(
        _ panel: Int, _ w: UnsafePointer<Float>, _ images: borrowing Images, _ samples: ArraySlice<UInt32>,
        scale: Float,
        best: UnsafeMutablePointer<Int32>? = nil
    ) {
        let kernels = backend.kernels
        let first = panel * Self.lanes
        let filled = min(Self.lanes, samples.count - first)
        let last = layers.count - 1
        unsafe samples.withUnsafeBufferPointer { samples in
            unsafe images.pixels.withUnsafeBufferPointer { pixels in
                unsafe kernels.gather(
                    pixels.baseAddress!, layers[0], samples.baseAddress! + first, filled,
                    inputRows.base + first * layers[0], layers[0], panels[0].base + first * layers[0])
            }
        }
        for layer in 0..<last {
            let from = layers[layer], to = layers[layer + 1]
            let output = unsafe panels[layer + 1].base + first * to
            var job = unsafe banyan_gemm(
                m: to, n: Self.lanes, k: from, a: w + offsets[layer], a_row: from, a_k: 1, a_group: 0,
                b: panels[layer].base + first * from, b_k: Self.lanes, b_panel: Self.lanes,
                c: output, c_row: Self.lanes, accumulate: false)
            unsafe kernels.gemm(&job)
            unsafe kernels.bias(output, to, w + offsets[layer] + from * to, layer + 1 < last)
        }
        let logits = unsafe panels[last].base + first * layers[last]
        if let best = unsafe best { unsafe kernels.predict(logits, layers[last], best) }
        var labels = [UInt8](repeating: 0, count: Self.lanes)
        for lane in 0..<filled { labels[lane] = images.labels[Int(samples[samples.startIndex + first + lane])] }
        unsafe kernels.cross_entropy(logits, layers[last], labels, scale, losses.base + first)
    }

    private func backward(_ panel: Int, _ w: UnsafePointer<Float>, _ count: Int) {
        let kernels = backend.kernels
        let first = panel * Self.lanes
        let filled = min(Self.lanes, count - first)
        for layer in stride(from: layers.count - 2, through: 0, by: -1) {
            let from = layers[layer], to = layers[layer + 1]
            let delta = unsafe deltas[layer].base + first * to
            unsafe kernels.unpack(delta, to, filled, deltaRows[layer].base + first * to, to)
            guard layer > 0 else { break }
            let activation = unsafe panels[layer].base + first * from
            unsafe kernels.unpack(activation, from, filled, rows[layer].base + first * from, from)
            let before = unsafe deltas[layer - 1].base + first * from
            var job = unsafe banyan_gemm(
                m: from, n: Self.lanes, k: to, a: w + offsets[layer], a_row: 1, a_k: from, a_group: 0,
                b: delta, b_k: Self.lanes, b_panel: Self.lanes, c: before, c_row: Self.lanes, accumulate: false)
            unsafe kernels.gemm(&job)
            unsafe kernels.relu_backward(before, activation, from * Self.lanes)
        }
    }

    private func update(
        _ w: UnsafeMutablePointer<Float>, _ v: UnsafeMutablePointer<Float>, _ count: Int, rate: Float, momentum: Float
    ) {
        // One share per thread, each a part of every layer; a share index picks the working space.
        Parallel.split(0..<threads, grain: 1, threads: threads) { shares in
            for share in shares {
                for layer in 0..<layers.count - 1 {
                    let groups = (layers[layer + 1] + 5) / 6
                    let from = groups * share / threads * 6
                    let to = min(groups * (share + 1) / threads * 6, layers[layer + 1])
                    unsafe update(layer, from..<to, w, v, gradients[share].base, count, rate: rate, momentum: momentum)
                }
            }
        }
    }

    private func update(
        _ layer: Int, _ outputs: Range<Int>, _ w: UnsafeMutablePointer<Float>, _ v: UnsafeMutablePointer<Float>,
        _ gradient: UnsafeMutablePointer<Float>, _ count: Int, rate: Float, momentum: Float
    ) {
        let kernels = backend.kernels
        let from = layers[layer], to = layers[layer + 1]
        for first in stride(from: outputs.lowerBound, to: outputs.upperBound, by: Self.chunk) {
            let height = min(Self.chunk, outputs.upperBound - first)
            let delta = unsafe deltaRows[layer].base + first
            var job = unsafe banyan_gemm(
                m: height, n: from, k: count, a: delta, a_row: 1, a_k: to, a_group: 0,
                b: rows[layer].base, b_k: from, b_panel: Self.lanes, c: gradient, c_row: from, accumulate: false)
            unsafe kernels.gemm(&job)
            let weights = offsets[layer] + first * from
            unsafe kernels.descend(w + weights, v + weights, gradient, height * from, rate, momentum)
            let biases = offsets[layer] + from * to + first
            unsafe kernels.column_sums(delta, to, count, height, gradient)
            unsafe kernels.descend(w + biases, v + biases, gradient, height, rate, momentum)
        }
    }
}
