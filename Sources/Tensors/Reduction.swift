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
///
/// IEEE 754 defines +, −, ×, ÷ and fma to the last bit, with rounding to nearest even and denormals kept (see
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
