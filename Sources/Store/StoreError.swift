package import Keys
package import Wire

/// Why a store cannot go on, or cannot answer.
package enum StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    case disk(DiskError)
    /// Damage of what was durable, not a torn end.
    case corrupt(path: String, offset: UInt64, reason: String)
    case recordTooLong(bytes: Int, limit: Int)
    case quotaExceeded(needed: UInt64, free: UInt64)
    case damagedBlob(Digest)
    case wrongHeight(expected: UInt64, got: UInt64)
    case malformed(path: String, WireError)

    package var description: String {
        switch self {
        case .disk(let error): "\(error)"
        case .corrupt(let path, let offset, let reason):
            "\(path) is damaged at byte \(offset): \(reason); keep a copy and restore the directory from another node"
        case .recordTooLong(let bytes, let limit): "a record of \(bytes) bytes is above the limit of \(limit)"
        case .quotaExceeded(let needed, let free): "\(needed) bytes are needed and \(free) are free"
        case .damagedBlob(let digest): "the stored bytes of blob \(digest) do not have that digest; they were removed"
        case .wrongHeight(let expected, let got): "block \(got) does not follow: height \(expected) is next"
        case .malformed(let path, let error): "\(path): \(error)"
        }
    }
}

extension StoreError {
    /// Whether the same write may succeed later.
    package var mayPass: Bool { if case .disk(let error) = self { error.mayPass } else { false } }
    /// What a person can do, so that it passes.
    package var remedy: String? { if case .disk(let error) = self { error.remedy } else { nil } }
}

/// Runs a call to the disk and gives its error the store's type.
func onDisk<Value>(_ body: () throws(DiskError) -> Value) throws(StoreError) -> Value {
    do { return try body() } catch { throw .disk(error) }
}
