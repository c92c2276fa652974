/// Every kernel as a plain loop: what it means. The fast ones equal these bit for bit.
package enum Reference {
    package static func product(_ a: Tensor, _ b: Tensor, _ form: ProductForm = .plain) -> Tensor {
        let (m, k) = form == .leftTransposed ? (a.columns, a.rows) : (a.rows, a.columns)
        let n = form == .rightTransposed ? b.rows : b.columns
        var c = Tensor(zeros: [m, n])
        for i in 0..<m {
            for j in 0..<n {
                var sum: Float = 0
                for p in 0..<k {
                    let left = form == .leftTransposed ? a[p, i] : a[i, p]
                    let right = form == .rightTransposed ? b[j, p] : b[p, j]
                    sum.addProduct(left, right)
                }
                c[i, j] = sum
            }
        }
        return c
    }

    package static func rectified(_ x: Float) -> Float { x <= 0 ? 0 : x }
    package static func rectified(gradient: Float, where activation: Float) -> Float { activation <= 0 ? 0 : gradient }

    package static func sum(_ x: [Float]) -> Float {
        var stripes = [Float](repeating: 0, count: Reduction.lanes)
        for (index, value) in x.enumerated() { stripes[index % Reduction.lanes] += value }
        return Reduction.tree(stripes)
    }

    package static func columnSums(_ x: Tensor) -> Tensor {
        let sums = (0..<x.columns).map { column in sum((0..<x.rows).map { x[$0, column] }) }
        return Tensor(shape: [x.columns], elements: sums)
    }

    /// - Returns: the loss, and the gradient of the logits times `scale`.
    package static func crossEntropy(
        logits: [Float], label: Int, scale: Float
    ) -> (loss: Float, gradient: [Float]) {
        var largest = logits[0]
        for logit in logits where logit > largest { largest = logit }
        let powers = logits.map { exponential($0 - largest) }
        let total = sum(powers)
        let gradient = powers.enumerated().map { ($1 / total - ($0 == label ? 1 : 0)) * scale }
        return (logarithm(total) - (logits[label] - largest), gradient)
    }

    package static func predict(_ logits: [Float]) -> Int {
        var best = 0
        for (index, logit) in logits.enumerated() where logit > logits[best] { best = index }
        return best
    }

    package static func descend(
        weight: inout Float, speed: inout Float, gradient: Float, rate: Float, momentum: Float
    ) {
        speed = gradient.addingProduct(momentum, speed)
        weight.addProduct(-rate, speed)
    }

    /// e^x: n = x·log₂e rounded to even; r = x − n·ln 2 in two steps; 1 + r + r²·Q(r); times 2^n in two steps.
    package static func exponential(_ x: Float) -> Float {
        guard !x.isNaN else { return x }
        let x = min(max(x, -104), 89)
        let magic: Float = 12_582_912  // 1.5 · 2^23
        let shifted = magic.addingProduct(x, 1.44269504)
        let n = Int32(bitPattern: shifted.bitPattern) - Int32(bitPattern: magic.bitPattern)
        let whole = shifted - magic
        let r = x.addingProduct(whole, -0.693145752).addingProduct(whole, -1.42860677e-6)
        var q: Float = 0.00019790219
        for coefficient: Float in [0.0013944784, 0.008333498, 0.04166629, 0.16666666, 0.5] {
            q = coefficient.addingProduct(q, r)
        }
        let y = r.addingProduct(q, r * r) + 1
        return y * powerOfTwo(n >> 1) * powerOfTwo(n - (n >> 1))
    }

    /// ln x: x = 2^e·(1 + r) with 1 + r in [√½, √2); r − r²/2 + r³·P(r) + e·ln 2, the last in two parts.
    package static func logarithm(_ x: Float) -> Float {
        if x.isNaN || x == .infinity { return x }
        if x == 0 { return -.infinity }
        if x < 0 { return .nan }
        let small = x < .leastNormalMagnitude
        let scaled = small ? x * 8_388_608 : x
        let offset = Int32(bitPattern: scaled.bitPattern) - 0x3f35_04f3
        let e = Float((offset >> 23) - (small ? 23 : 0))
        let r = Float(bitPattern: UInt32((offset & 0x7f_ffff) + 0x3f35_04f3)) - 1
        var p: Float = 0.06746639
        let coefficients: [Float] = [
            -0.11675658, 0.11888166, -0.124055885, 0.14219552, -0.16667996, 0.20002119, -0.2500001, 0.33333313,
        ]
        for coefficient in coefficients { p = coefficient.addingProduct(p, r) }
        let square = r * r
        let tail = (p * (square * r)).addingProduct(e, -2.12194440e-4).addingProduct(-0.5, square)
        return (r + tail).addingProduct(e, 0.693359375)
    }

    private static func powerOfTwo(_ n: Int32) -> Float { Float(bitPattern: UInt32(bitPattern: n + 127) << 23) }
}
