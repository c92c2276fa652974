/// Memory for floats, aligned to a cache line, zero at first: the working space of the kernels.
@safe package final class Floats {
    package let base: UnsafeMutablePointer<Float>
    package let count: Int

    package init(_ count: Int) {
        self.count = count
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        unsafe base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
            .bindMemory(to: Float.self, capacity: max(count, 1))
        unsafe base.initialize(repeating: 0, count: max(count, 1))
    }

    package convenience init(_ values: [Float]) {
        self.init(values.count)
        for (place, value) in values.enumerated() { unsafe base[place] = value }
    }

    deinit { unsafe UnsafeMutableRawPointer(base).deallocate() }
}
