internal import Kernels

/// Room for floats that takes memory only where it was written to, zero at first: for what grows to a length known before, without
/// ever being copied.
@safe package final class GrowingFloats {
    package let base: UnsafeMutablePointer<Float>
    package let count: Int

    /// - Precondition: the system has as many addresses left; memory is not needed for them yet.
    package init(_ count: Int) {
        self.count = count
        guard let pages = unsafe banyan_pages_reserve(Self.bytes(count)) else {
            preconditionFailure("no room for \(count) floats; allow this process more address space")
        }
        unsafe base = unsafe pages.bindMemory(to: Float.self, capacity: max(count, 1))
    }

    deinit { unsafe banyan_pages_return(base, Self.bytes(count)) }

    private static func bytes(_ count: Int) -> Int { max(count, 1) * MemoryLayout<Float>.stride }
}
