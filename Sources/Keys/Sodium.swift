internal import CSodium

/// The one start of libsodium: it picks the fastest code for this processor and opens the system's generator.
enum Sodium {
    /// Touch before any other call.
    static let isReady: Bool = {
        precondition(sodium_init() >= 0, "libsodium could not start")
        return true
    }()
}

extension Array where Element == UInt8 {
    /// Overwrites the bytes with zeros in a way that the compiler cannot leave out.
    mutating func zero() { unsafe sodium_memzero(&self, count) }
}
