/// Why a sequence of bytes is not the canonical encoding of a value.
package enum WireError: Error, Hashable, Sendable {
    /// The bytes end before the value does.
    case truncated(needed: Int, available: Int)
    /// Bytes follow the end of the value.
    case trailing(count: Int)
    /// A varint is not in its shortest form, or needs more than 64 bits.
    case malformedVarint
    /// A count or length is above the limit its field states.
    case tooLong(length: UInt64, limit: UInt64)
    /// A tag that names no case of the type.
    case unknownTag(UInt64, of: String)
    /// The fields parse, but together they are not a value of the type.
    case invalid(String)
}
