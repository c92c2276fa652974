/// SHA-256 of rows of bytes, each after a first block that is the same for all. Rows are read where they lie, many at a time: see ``SHA256Lanes``.
package struct SHA256Rows: Sendable {
    /// Rows that are hashed at once at most.
    package static let limit = SHA256Lanes.limit

    private let lanes: SHA256Lanes
    private let first: SHA256

    /// - Parameter block: 64 bytes.
    package init(after block: [UInt8]) {
        lanes = SHA256Lanes(after: block)
        var hasher = SHA256()
        hasher.update(block)
        first = hasher
    }

    /// The digest of one row.
    package func digest(_ row: UnsafeRawBufferPointer) -> Digest {
        var hasher = first
        unsafe hasher.update(raw: row)
        return hasher.finish()
    }

    /// Calls `found` with the number and the digest of each row.
    /// - Parameter rows: one after the other, `length` bytes each.
    package func digests(_ rows: UnsafeRawBufferPointer, length: Int, _ found: (Int, Digest) -> Void) {
        precondition(length > 0 && rows.count % length == 0, "\(rows.count) bytes are not rows of \(length)")
        guard let base = unsafe rows.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        func alone(_ row: Int) -> Digest {
            unsafe digest(UnsafeRawBufferPointer(rebasing: rows[row * length..<row * length + length]))
        }
        let count = rows.count / length
        guard length % 64 == 0 else {
            for row in 0..<count { found(row, alone(row)) }
            return
        }
        // The padding (FIPS 180-4, section 5.1.1).
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { last in
            unsafe last.initialize(repeating: 0)
            unsafe last[0] = 0x80
            let bits = (64 + length) * 8
            for place in 0..<8 { unsafe last[63 - place] = UInt8(truncatingIfNeeded: bits >> (8 * place)) }
            unsafe lanes.digests(
                base, distance: length, count: count, blocks: length / 64, last: last.baseAddress, alone: alone, found)
        }
    }
}
