/// The one order of every operation. It depends on shapes only: not on threads, blocks, batch size or hardware.
///
/// | operation | order |
/// |---|---|
/// | matrix product | per element: `c = +0`, then `c = fma(a[i,p], b[p,j], c)` for p = 0, 1, … |
/// | sum | value i goes to accumulator `i mod 8`, each starting at +0, in rising order; then ``tree(_:)`` |
/// | column sums | row r goes to accumulator `r mod 8` of its column; then ``tree(_:)`` |
/// | softmax | `m` = the largest logit (a later one replaces it only when greater); `e = exp(z − m)`; the sum of e as above, class c in accumulator `c mod 8`; `p = e ÷ sum` |
/// | cross-entropy | `log(sum) − (z[label] − m)`; gradient `(p − target) · scale` |
/// | bias, ReLU | `x + b`; x ≤ 0 → +0; the gradient becomes +0 where the activation is ≤ 0 |
/// | descent with momentum | `v = fma(μ, v, g)`, then `w = fma(−η, v, w)` |
/// | pixel | `Float(byte) · fl(1/255)` |
/// | root-mean-square norm | squares: `s[i mod 8] = fma(x, x, s[i mod 8])`, ``tree(_:)``; `f = 1 ÷ √(s ÷ n + ε)`; `y = (x · f) · weight` |
/// | weights × vector, float32 | each weight dequantised (`scale · integer`, then `+ offset` where there is one); `c = +0`, then `c = fma(w[p], x[p], c)` for p = 0, 1, … |
/// | activations to int8 | per 32: scale = largest magnitude ÷ 127; `x · (127 ÷ largest)` to the nearest integer, half to even (``QuantizedActivations``) |
/// | weights × vector, int8 | per block of 32 in order: the integer dot (exact); `c = fma(scale of weights · scale of activations, dot, c)`; with an offset also `c = fma(offset, scale of activations · sum of their integers, c)` |
/// | rotation of a pair | `a′ = fma(a, cos, −(b · sin))`, `b′ = fma(a, sin, b · cos)`; cos and sin from ``RotaryTable`` |
/// | attention of one head | query · scale first; score t: `s = fma(q[d], k[t][d], s)` for d = 0, 1, … from +0; softmax as above, position t in accumulator `t mod 8`; `o[d] = fma(e[t], v[t][d], o[d])` for t = 0, 1, … from +0; at last `o ÷ sum` |
/// | SwiGLU, GEGLU | `gate ÷ (1 + e^−z) · up`; z = gate, or `gate · fma(0.071354814, gate · gate, 1.5957691)` |
/// | bias, residual | one addition |
///
/// IEEE 754 defines +, −, ×, ÷, √ and fma to the last bit, with rounding to nearest even and denormals kept (see
/// ``FloatEnvironment``). No other operation occurs; `exp` and `log` are composed of these. The one thing IEEE leaves
/// open is which NaN comes out; no result but "is a NaN" may be read from one.
package enum Reduction {
    /// Accumulators of a sum.
    package static let lanes = 8

    /// Adds eight accumulators pairwise: `((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))`.
    package static func tree(_ s: [Float]) -> Float {
        precondition(s.count == lanes, "the tree adds eight accumulators, not \(s.count)")
        return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
    }
}
