import Synchronization
import Tensors
import Testing

@Suite("Kernels of a language model")
struct LanguageKernelTests {
    /// Rows of random blocks whose scales are ordinary numbers.
    private func rows(_ type: WeightType, _ rows: Int, _ columns: Int, _ samples: inout Samples) -> [[UInt8]] {
        (0..<rows).map { _ in
            if !type.isQuantized {
                return (0..<columns).flatMap { _ -> [UInt8] in
                    let bits = samples.ordinary().bitPattern
                    let half = UInt16(truncatingIfNeeded: samples.next()) & 0xb3ff | 0x0400
                    let bytes = type == .float32 ? (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) } : []
                    let upper = [UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 24)]
                    return type == .float32 ? bytes : type == .bfloat16 ? upper : [UInt8(half & 255), UInt8(half >> 8)]
                }
            }
            var row: [UInt8] = []
            for _ in 0..<columns / type.blockLength {
                var block = (0..<type.blockBytes).map { _ in UInt8(truncatingIfNeeded: samples.next()) }
                // A 16-bit float below 0.02: at the end of a Q6_K block, at the start of all others.
                let places = type == .q6_K ? [209] : [.q4_1, .q5_1, .q4_K].contains(type) ? [1, 3] : [1]
                for place in places { block[place] = block[place] & 0x83 | 0x20 }
                row += block
            }
            return row
        }
    }

    private func packed(_ type: WeightType, _ stored: [[UInt8]], _ columns: Int) throws -> PackedMatrix {
        let bytes = PackedMatrix.bytes(type, rows: stored.count, columns: columns)
        let memory = try #require(PackedMemory(bytes: bytes + 64))
        let matrix = PackedMatrix(type, rows: stored.count, columns: columns, memory: memory, offset: 64)
        #expect(matrix.bytes == bytes)
        let flat = stored.flatMap(\.self)
        unsafe flat.withUnsafeBytes { unsafe matrix.pack(groups: 0..<matrix.groups, from: $0) }
        return matrix
    }

    @Test("products equal the plain loop, for each type, arithmetic, tier and number of positions", arguments: tiers)
    func products(tier: Int) throws {
        let backend = Backend.available[tier], columns = 512, crew = Crew(threads: 2)
        for type in WeightType.allCases {
            var samples = Samples(UInt64(type.rawValue))
            let stored = rows(type, 37, columns, &samples), matrix = try packed(type, stored, columns)
            // Every way in which a tile can be part full, and more tiles than pass through the rows together.
            for positions in Array(1...13) + [40] {
                let x = (0..<positions).map { _ in samples.tensor([columns]) { $0.finite() }.elements }
                let input = Activations(positions: positions, columns: columns)
                for (position, vector) in x.enumerated() {
                    for (place, value) in vector.enumerated() {
                        unsafe input.floats[position * columns + place] = value
                    }
                    input.quantize(position: position, on: backend)
                }
                for integers in [false, true] {
                    let out = Floats(positions * matrix.paddedRows)
                    unsafe input.multiply(
                        [.init(matrix, to: out.base, stride: matrix.paddedRows)], positions: positions,
                        integers: integers, crew: crew, on: backend)
                    for (position, vector) in x.enumerated() {
                        let result = (0..<37).map { row in unsafe out.base[position * matrix.paddedRows + row] }
                        let expected = stored.map {
                            integers
                                ? Reference.rowProduct($0, type, integers: vector)
                                : Reference.rowProduct($0, type, vector)
                        }
                        #expect(difference(result, expected) == nil, "\(type), \(positions) positions, \(integers)")
                    }
                }
            }
        }
    }

    @Test("a row that is unpacked is the row that was packed")
    func unpacked() throws {
        for type in WeightType.allCases {
            var samples = Samples(7)
            let stored = rows(type, 19, 256, &samples), matrix = try packed(type, stored, 256)
            let out = Floats(256)
            for (row, bytes) in stored.enumerated() {
                unsafe matrix.unpack(row: row, to: out.base)
                let result = (0..<256).map { unsafe out.base[$0] }
                #expect(difference(result, Reference.dequantized(bytes, type)) == nil, "\(type), row \(row)")
            }
        }
    }

    @Test("norm, rotation, gates and sums equal the plain loops for every length", arguments: tiers)
    func elementwise(tier: Int) {
        let backend = Backend.available[tier]
        for count in [2, 6, 8, 14, 16, 34, 64, 100, 576] {
            var samples = Samples(UInt64(count))
            let x = samples.tensor([count]) { $0.finite() }.elements,
                w = samples.tensor([count]) { $0.ordinary() }.elements
            func applied(_ body: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
                let y = Floats(x)
                unsafe body(y.base)
                return (0..<count).map { unsafe y.base[$0] }
            }
            let weight = Floats(w)
            let norm = unsafe applied { y in
                unsafe #expect(backend.normalize(y, weight: weight, epsilon: 1e-5, to: y))
            }
            #expect(difference(norm, Reference.normalized(x, weight: w, epsilon: 1e-5)) == nil, "\(count)")
            for gelu in [false, true] {
                let gate = unsafe applied { y in unsafe backend.gate(y, weight.base, count: count, gelu: gelu) }
                let expected = zip(x, w).map {
                    gelu ? Reference.geGLU(gate: $0, up: $1) : Reference.swiGLU(gate: $0, up: $1)
                }
                #expect(difference(gate, expected) == nil, "\(count)")
            }
            let sum = unsafe applied { y in unsafe backend.add(y, weight.base, count: count) }
            #expect(difference(sum, Reference.added(x, w)) == nil)
            for pairs in Set([1, count / 4, count / 2]) where pairs > 0 {
                let row = RotaryTable(pairs: pairs, base: 10_000).row(position: 77)
                let (cosines, sines) = (Floats(row.cosines), Floats(row.sines))
                for interleaved in [false, true] {
                    let turned = unsafe applied { y in
                        unsafe backend.rotate(
                            y, heads: 1, width: count, cosines: cosines.base, sines: sines.base, pairs: pairs,
                            interleaved: interleaved)
                    }
                    let expected = Reference.rotated(
                        x, cosines: row.cosines, sines: row.sines, interleaved: interleaved)
                    #expect(difference(turned, expected) == nil, "\(pairs) pairs of \(count)")
                }
            }
        }
    }

    @Test(
        "the weights of tokens are powers of e in 31 bits, nothing for NaN and −∞, all for the greatest",
        arguments: tiers)
    func weights(tier: Int) {
        var samples = Samples(11)
        let top: Float = 17.25, t: Float = 0.7
        let logits = (0..<1003).map { index -> Float in
            switch index {
            case 5: .nan
            case 6: -.infinity
            case 7: top
            case 8: top.nextDown
            case 9: top - 15.5
            default: top - abs(samples.ordinary()) * 9
            }
        }
        let weights = unsafe logits.withUnsafeBufferPointer {
            unsafe Backend.available[tier].weights($0, top: top, temperature: t)
        }
        for (logit, weight) in zip(logits, weights) {
            let power = logit.isNaN ? 0 : min(Reference.exponential((logit - top) / t), 1)
            #expect(weight == UInt32(power * 2_147_483_648), "\(logit)")
        }
    }

    @Test("a norm says when the squares are infinite or NaN", arguments: tiers)
    func infinite(tier: Int) {
        for bad: Float in [.infinity, -.infinity, .nan, 1e30] {
            let x = Floats([1, 2, bad, 3]), y = Floats(4)
            unsafe #expect(!Backend.available[tier].normalize(x.base, weight: y, epsilon: 0, to: y.base))
        }
    }

    @Test("attention equals the plain loop, whatever the queries see", arguments: tiers)
    func attention(tier: Int) {
        let width = 48
        for seen in [[1], [5], [16], [17, 17, 17], [1, 1, 2, 2, 3, 3], [30, 31, 32, 33, 34, 35], [100, 100]] {
            var samples = Samples(UInt64(seen.count * 1000 + seen[0]))
            let positions = seen.max()!, padded = (positions + 15) / 16 * 16
            let keys = (0..<positions).map { _ in samples.tensor([width]) { $0.ordinary() }.elements }
            let values = (0..<positions).map { _ in samples.tensor([width]) { $0.finite() }.elements }
            let queries = seen.map { _ in samples.tensor([width]) { $0.ordinary() }.elements }
            let scale: Float = 0.7
            let keyMemory = Floats(padded * width), valueMemory = Floats(values.flatMap(\.self))
            for (t, key) in keys.enumerated() {
                for (d, value) in key.enumerated() {
                    unsafe keyMemory.base[t / 16 * width * 16 + d * 16 + t % 16] = value
                }
            }
            let scaled = Floats(queries.flatMap(\.self).map { $0 * scale }), out = Floats(seen.count * width)
            unsafe Backend.available[tier].attend(
                AttentionView(
                    queries: scaled.base, out: out.base, width: width, seen: seen.map(Int32.init), keys: keyMemory.base,
                    keyStride: width * 16, values: valueMemory.base, valueStride: width),
                scores: Floats(padded * AttentionView.rows))
            for (row, count) in seen.enumerated() {
                let result = (0..<width).map { unsafe out.base[row * width + $0] }
                let expected = Reference.attended(
                    query: queries[row], keys: Array(keys[..<count]), values: Array(values[..<count]), scale: scale)
                #expect(difference(result, expected) == nil, "row \(row) of \(seen)")
            }
        }
    }

    @Test("a crew does each item once, job after job", arguments: 1...3)
    func crew(threads: Int) {
        let crew = Crew(threads: threads)
        for job in 0..<2000 {
            let count = job % 37
            let done = Floats(count)
            crew.run(count) { item, worker in
                unsafe done.base[item] += worker < threads ? 1 : 100
            }
            let all = (0..<count).allSatisfy { unsafe done.base[$0] == 1 }
            #expect(all, "job \(job)")
        }
    }

    @Test("whoever is done takes the items of one that is held up", .timeLimit(.minutes(1)), arguments: 2...3)
    func heldUp(threads: Int) {
        let crew = Crew(threads: threads)
        for slow in 0..<16 {
            let done = Atomic(0)
            crew.run(16) { item, _ in
                // Ends only when others have done all the rest, also of this thread's part.
                while item == slow && done.load(ordering: .acquiring) < 15 {}
                done.add(1, ordering: .releasing)
            }
            #expect(done.load(ordering: .relaxed) == 16, "item \(slow)")
        }
    }

    @Test("what a crew is left to do is done once, by whoever comes first", arguments: 1...3)
    func errands(threads: Int) {
        let crew = Crew(threads: threads)
        let count = Atomic(0)
        var errands: [Errand] = []
        for job in 0..<2000 {
            let errand = Errand { count.add(1, ordering: .relaxed) }
            crew.offer(errand)
            if job % 3 == 0 { errand.finish() }
            errands.append(errand)
            crew.run(job % 5) { _, _ in }
        }
        for errand in errands { errand.finish() }
        #expect(count.load(ordering: .relaxed) == 2000)
    }
}
