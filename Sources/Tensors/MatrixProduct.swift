internal import Kernels

/// C ← A·B for any strides, in the order of ``Reduction``: cut into blocks that fit the caches, packed where that pays.
@safe struct MatrixProduct {
    let m: Int, n: Int, k: Int
    let a: UnsafePointer<Float>, aRow: Int, aStep: Int
    let b: UnsafePointer<Float>, bStep: Int, bColumn: Int
    let c: UnsafeMutablePointer<Float>, cRow: Int

    /// Steps of k, rows and columns of one block: a packed panel of B (256 × 16 floats, 16 KiB) stays in the first-level
    /// cache, the packed block of A (96 × 256 floats, 96 KiB) in the second, that of B (256 × 1,024 floats, 1 MiB) in the third.
    private static let depth = 256, height = 96, width = 1024
    /// Below this many rows, B is read in place: packing it would cost more than it saves.
    private static let fewRows = 24
    /// Fewer multiply-adds than this are not worth a second thread (about 10 µs to start one).
    private static let smallWork = 1 << 19

    func run(threads: Int, on backend: Backend) {
        let threads = m * n * k < Self.smallWork ? 1 : threads
        if n >= m {
            Parallel.split(0..<n, grain: 16, threads: threads) { run(rows: 0..<m, columns: $0, on: backend) }
        } else {
            Parallel.split(0..<m, grain: 6, threads: threads) { run(rows: $0, columns: 0..<n, on: backend) }
        }
    }

    private func run(rows: Range<Int>, columns: Range<Int>, on backend: Backend) {
        let kernels = backend.kernels
        let packsB = bColumn != 1 || rows.count >= Self.fewRows
        let packsA = rows.count >= 6 && columns.count > 2 * 16 && (aStep != 1 || aRow * 4 % 1024 == 0 || k > 1024)
        if !packsB && !packsA || k == 0 {
            unsafe multiply(rows, columns, 0..<k, a: nil, b: nil, kernels)
            return
        }
        let packedA = Floats(packsA ? (Self.height + 6) * min(k, Self.depth) : 0)
        let packedB = Floats(packsB ? (min(columns.count, Self.width) + 16) * min(k, Self.depth) : 0)
        for j in stride(from: columns.lowerBound, to: columns.upperBound, by: Self.width) {
            let blockColumns = j..<min(j + Self.width, columns.upperBound)
            for p in stride(from: 0, to: k, by: Self.depth) {
                let steps = p..<min(p + Self.depth, k)
                if packsB {
                    unsafe kernels.pack_columns(
                        b + p * bStep + j * bColumn, bStep, bColumn, steps.count, blockColumns.count, packedB.base)
                }
                for i in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.height) {
                    let blockRows = i..<min(i + Self.height, rows.upperBound)
                    if packsA {
                        unsafe kernels.pack_rows(
                            a + i * aRow + p * aStep, aRow, aStep, blockRows.count, steps.count, packedA.base)
                    }
                    unsafe multiply(
                        blockRows, blockColumns, steps, a: packsA ? packedA.base : nil, b: packsB ? packedB.base : nil,
                        kernels)
                }
            }
        }
    }

    private func multiply(
        _ rows: Range<Int>, _ columns: Range<Int>, _ steps: Range<Int>, a packedA: UnsafeMutablePointer<Float>?,
        b packedB: UnsafeMutablePointer<Float>?, _ kernels: banyan_kernels
    ) {
        let i = rows.lowerBound, j = columns.lowerBound, p = steps.lowerBound
        var job = unsafe banyan_gemm(
            m: rows.count, n: columns.count, k: steps.count,
            a: UnsafePointer(packedA) ?? a + i * aRow + p * aStep,
            a_row: packedA == nil ? aRow : 1, a_k: packedA == nil ? aStep : 6,
            a_group: packedA == nil ? 0 : 6 * steps.count,
            b: UnsafePointer(packedB) ?? b + p * bStep + j,
            b_k: packedB == nil ? bStep : 16, b_panel: packedB == nil ? 16 : 16 * steps.count,
            c: c + i * cRow + j, c_row: cRow, accumulate: p > 0)
        unsafe kernels.gemm(&job)
    }
}
