internal import Kernels

/// One tier of the inner loops. All tiers give the same bits; they differ in speed only.
@safe package struct Backend: Sendable, CustomStringConvertible {
    private nonisolated(unsafe) let table: UnsafePointer<banyan_kernels>
    package let description: String

    /// Double-precision emulation of the fused multiply-add, on every processor.
    package static let portable = unsafe Backend(table: banyan_kernels_portable(), description: "portable")
    /// AVX2 with FMA, or NEON; nil when this processor has neither.
    package static let vector = unsafe banyan_kernels_vector().map { table in
        unsafe Backend(table: table, description: "vector")
    }
    /// The fastest tier of this processor, chosen once.
    package static let fastest = vector ?? portable
    /// All tiers of this processor, slowest first.
    package static let available = [portable] + [vector].compactMap(\.self)

    private init(table: UnsafePointer<banyan_kernels>, description: String) {
        unsafe self.table = unsafe table
        self.description = description
    }

    var kernels: banyan_kernels {
        @inline(__always) get { unsafe table.pointee }
    }
}

/// The floating-point mode of the current thread.
package enum FloatEnvironment {
    /// True when results round to the nearest even number and denormal numbers are kept: the mode every kernel assumes.
    package static var isStandard: Bool { banyan_arithmetic_is_standard() }
}
