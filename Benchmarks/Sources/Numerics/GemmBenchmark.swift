import Tensors

enum GemmBenchmark {
    private static let shapes = [
        (512, 512, 512), (1024, 1024, 1024), (32, 128, 784), (64, 128, 784), (256, 128, 784),
        (784, 128, 64), (64, 10, 128),
    ]

    /// Prints `gemm <form> <m>x<n>x<k> <threads> <GFLOP/s>`.
    static func run() {
        for (m, n, k) in shapes {
            for form in ProductForm.allCases {
                let a = matrix(form == .leftTransposed ? [k, m] : [m, k])
                let b = matrix(form == .rightTransposed ? [n, k] : [k, n])
                for threads in [1, 2] {
                    let seconds = bestSeconds(threads: threads) { _ = Tensor.product(a, b, form, threads: threads) }
                    print("gemm \(form) \(m)x\(n)x\(k) \(threads) \(fixed(2e-9 * Double(m * n * k) / seconds, 1))")
                }
            }
        }
    }

    private static func matrix(_ shape: [Int]) -> Tensor {
        var value: UInt32 = 1
        let elements = (0..<shape[0] * shape[1]).map { _ -> Float in
            value = value &* 1_664_525 &+ 1_013_904_223
            return Float(Int32(bitPattern: value) >> 8) * 0x1p-23
        }
        return Tensor(shape: shape, elements: elements)
    }
}
