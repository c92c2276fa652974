internal import CSodium

/// Comparison that takes the same time wherever the bytes differ.
package enum ConstantTime {
    /// Whether both are the same bytes; only the lengths may leak.
    package static func equals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        unsafe left.count == right.count && sodium_memcmp(left, right, left.count) == 0
    }
}
