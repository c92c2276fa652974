internal import Kernels

/// What may be done with the memory of a mapped file.
package enum MappedMemory {
    /// From now on, bytes that are gone because the file was cut read as zeros instead of ending the process.
    /// - Returns: false when too many files are mapped.
    package static func protect(_ mapped: UnsafeRawBufferPointer) -> Bool {
        guard let start = mapped.baseAddress else { return true }
        return unsafe banyan_guard(start, mapped.count)
    }

    /// Call before the file is unmapped.
    package static func unprotect(_ mapped: UnsafeRawBufferPointer) {
        if let start = mapped.baseAddress { unsafe banyan_unguard(start) }
    }
}
