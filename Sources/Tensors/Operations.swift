internal import Kernels

/// Which factor of a product is stored transposed.
package enum ProductForm: Hashable, Sendable, CaseIterable {
    /// A[m×k]·B[k×n]: the gradient of a layer's input.
    case plain
    /// A[m×k]·B[n×k]ᵀ: the forward pass of a layer.
    case rightTransposed
    /// A[k×m]ᵀ·B[k×n]: the gradient of a layer's weights.
    case leftTransposed
}

// Orders of operations: Reduction.swift. The same in plain loops: Reference.swift.
extension Tensor {
    /// The product of two matrices.
    /// - Precondition: both have the same inner extent.
    package static func product(
        _ a: Tensor, _ b: Tensor, _ form: ProductForm = .plain, threads: Int = 1, on backend: Backend = .fastest
    ) -> Tensor {
        let (m, k) = form == .leftTransposed ? (a.columns, a.rows) : (a.rows, a.columns)
        let (n, inner) = form == .rightTransposed ? (b.rows, b.columns) : (b.columns, b.rows)
        precondition(k == inner, "a product of \(a.shape) and \(b.shape) in the form \(form)")
        var c = Tensor(zeros: [m, n])
        unsafe a.elements.withUnsafeBufferPointer { left in
            unsafe b.elements.withUnsafeBufferPointer { right in
                unsafe c.elements.withUnsafeMutableBufferPointer { output in
                    guard let left = left.baseAddress, let right = right.baseAddress,
                        let output = output.baseAddress
                    else { return }
                    unsafe MatrixProduct(
                        m: m, n: n, k: k,
                        a: left, aRow: form == .leftTransposed ? 1 : k, aStep: form == .leftTransposed ? m : 1,
                        b: right, bStep: form == .rightTransposed ? 1 : n, bColumn: form == .rightTransposed ? k : 1,
                        c: output, cRow: n
                    ).run(threads: threads, on: backend)
                }
            }
        }
        return c
    }

    /// Each value with everything at or below zero replaced by +0; NaN stays.
    package func rectified(on backend: Backend = .fastest) -> Tensor {
        var result = self
        let count = elements.count
        unsafe result.elements.withUnsafeMutableBufferPointer { x in
            if let x = x.baseAddress { unsafe backend.kernels.relu(x, count) }
        }
        return result
    }

    /// This gradient with +0 where `activation` is at or below zero.
    package func rectified(where activation: Tensor, on backend: Backend = .fastest) -> Tensor {
        precondition(shape == activation.shape, "a gradient \(shape) of an activation \(activation.shape)")
        var result = self
        let count = elements.count
        unsafe result.elements.withUnsafeMutableBufferPointer { d in
            unsafe activation.elements.withUnsafeBufferPointer { y in
                if let d = d.baseAddress, let y = y.baseAddress {
                    unsafe backend.kernels.relu_backward(d, y, count)
                }
            }
        }
        return result
    }

    /// e^x of each value: at most 0.51 ulp from the exact value where that is a normal number.
    package func exponential(on backend: Backend = .fastest) -> Tensor {
        unsafe mapped { unsafe backend.kernels.exponential($0, $1, $2) }
    }

    /// ln x of each value: at most 0.9 ulp from the exact value. ln 0 = −∞; of a negative number, NaN.
    package func logarithm(on backend: Backend = .fastest) -> Tensor {
        unsafe mapped { unsafe backend.kernels.logarithm($0, $1, $2) }
    }

    private func mapped(_ body: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void) -> Tensor {
        var result = Tensor(zeros: shape)
        unsafe elements.withUnsafeBufferPointer { x in
            unsafe result.elements.withUnsafeMutableBufferPointer { y in
                if let x = x.baseAddress, let y = y.baseAddress { unsafe body(x, y, elements.count) }
            }
        }
        return result
    }

    /// The sum of all values.
    package func sum(on backend: Backend = .fastest) -> Float {
        unsafe elements.withUnsafeBufferPointer { x in
            guard let base = x.baseAddress else { return 0 }
            return unsafe backend.kernels.sum(base, x.count)
        }
    }

    /// The sum of each column of a matrix.
    package func columnSums(on backend: Backend = .fastest) -> Tensor {
        var result = Tensor(zeros: [columns])
        let (rows, columns) = (rows, columns)
        unsafe elements.withUnsafeBufferPointer { x in
            unsafe result.elements.withUnsafeMutableBufferPointer { output in
                if let x = x.baseAddress, let output = output.baseAddress {
                    unsafe backend.kernels.column_sums(x, columns, rows, columns, output)
                }
            }
        }
        return result
    }

    /// a·b + c of each triple, rounded once.
    package static func fused(_ a: Tensor, _ b: Tensor, _ c: Tensor, on backend: Backend = .fastest) -> Tensor {
        precondition(a.shape == b.shape && b.shape == c.shape, "shapes \(a.shape), \(b.shape), \(c.shape) differ")
        var result = Tensor(zeros: a.shape)
        unsafe a.elements.withUnsafeBufferPointer { x in
            unsafe b.elements.withUnsafeBufferPointer { y in
                unsafe c.elements.withUnsafeBufferPointer { z in
                    unsafe result.elements.withUnsafeMutableBufferPointer { output in
                        if let x = x.baseAddress, let y = y.baseAddress, let z = z.baseAddress,
                            let output = output.baseAddress
                        {
                            unsafe backend.kernels.fused(x, y, z, output, a.elements.count)
                        }
                    }
                }
            }
        }
        return result
    }
}
