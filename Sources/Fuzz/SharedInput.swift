import Glibc

/// The input being decoded, in memory that outlives the process: whoever finds the worker dead reads here what killed it.
@safe final class SharedInput {
    /// File descriptor under which a worker inherits the memory.
    static let descriptor: Int32 = 3
    private static let capacity = 1 << 16

    private let memory: UnsafeMutableRawPointer

    /// Maps an open file of at least the capacity.
    init?(descriptor: Int32) {
        guard ftruncate(descriptor, Self.capacity) == 0,
            let memory = unsafe mmap(nil, Self.capacity, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            unsafe memory != MAP_FAILED
        else { return nil }
        unsafe self.memory = memory
    }

    deinit { unsafe _ = munmap(memory, Self.capacity) }

    var bytes: [UInt8] {
        get {
            let count = min(Int(unsafe memory.load(as: UInt32.self)), Self.capacity - 4)
            return unsafe Array(UnsafeRawBufferPointer(start: memory.advanced(by: 4), count: count))
        }
        set {
            let count = min(newValue.count, Self.capacity - 4)
            unsafe memory.storeBytes(of: UInt32(count), as: UInt32.self)
            unsafe newValue.withUnsafeBytes { source in
                if let start = source.baseAddress {
                    unsafe memory.advanced(by: 4).copyMemory(from: start, byteCount: count)
                }
            }
        }
    }
}
