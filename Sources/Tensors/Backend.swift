internal import Kernels

/// One tier of the inner loops. All tiers give the same bits; they differ in speed only.
@safe package struct Backend: Sendable, CustomStringConvertible {
    private nonisolated(unsafe) let table: UnsafePointer<banyan_kernels>
    private nonisolated(unsafe) let languageTable: UnsafePointer<banyan_language>
    package let description: String

    /// Double-precision emulation of the fused multiply-add, on every processor.
    package static let portable = unsafe Backend(banyan_kernels_portable(), banyan_language_portable(), "portable")!
    /// AVX2 with FMA, or NEON; nil when this processor has neither.
    package static let vector = unsafe Backend(banyan_kernels_vector(), banyan_language_vector(), "vector")
    /// AVX-512 with integer dots; nil when this processor has none.
    package static let wide = unsafe Backend(banyan_kernels_wide(), banyan_language_wide(), "wide")
    /// The fastest tier of this processor, chosen once.
    package static let fastest = wide ?? vector ?? portable
    /// All tiers of this processor, slowest first.
    package static let available = [portable] + [vector, wide].compactMap(\.self)

    private init?(
        _ table: UnsafePointer<banyan_kernels>?, _ language: UnsafePointer<banyan_language>?, _ description: String
    ) {
        guard let table = unsafe table, let language = unsafe language else { return nil }
        unsafe self.table = unsafe table
        unsafe languageTable = unsafe language
        self.description = description
    }

    var kernels: banyan_kernels {
        @inline(__always) get { unsafe table.pointee }
    }

    var language: banyan_language {
        @inline(__always) get { unsafe languageTable.pointee }
    }
}

/// The floating-point mode of the current thread.
package enum FloatEnvironment {
    /// True when results round to the nearest even number and denormal numbers are kept: the mode every kernel assumes.
    package static var isStandard: Bool { banyan_arithmetic_is_standard() }
}
