internal import Kernels

typealias BLAKE3Function =
    @convention(c) (
        UnsafePointer<banyan_blake3_form>, UnsafePointer<UInt8>, Int, Int, UnsafeMutablePointer<UInt8>
    ) -> Void

/// BLAKE3 (O'Connor, Aumasson, Neves, Wilcox-O'Hearn 2020) of rows of bytes of one length, read where they lie, sixteen at a time: twice as many
/// bytes a second as SHA-256 where there is AVX-512. See docs/decisions/0008-blake3-for-states.md.
package struct BLAKE3Rows: Sendable {
    /// Section 2.1, table 3.
    package enum Mode: UInt32, Sendable {
        case hash = 0
        case keyedHash = 0x10
        case deriveKeyContext = 0x20
        case deriveKeyMaterial = 0x40
    }

    /// Sixteen lanes in the registers of plain C, of AVX2, of AVX-512. All give the same digests.
    package enum Lanes: CaseIterable, Sendable {
        case portable, vector, wide

        /// What this processor has, slowest first.
        package static let available = allCases.filter { unsafe $0.hash != nil }

        /// Nil where this processor has none.
        var hash: BLAKE3Function? {
            switch self {
            case .portable: unsafe banyan_blake3_portable()
            case .vector: unsafe banyan_blake3_vector()
            case .wide: unsafe banyan_blake3_wide()
            }
        }
    }

    /// Rows that are hashed at once at most.
    package static let limit = 16

    /// Key and mode; whoever hashes says the length.
    private var form: banyan_blake3_form
    private let lanes: Lanes

    /// For rows of one purpose (mode `derive_key`).
    /// - Parameter context: "hardcoded, globally unique" (section 2.3).
    package init(context: String) {
        let digest = BLAKE3Rows(mode: .deriveKeyContext).digest(Array(context.utf8))
        self.init(key: digest.bytes, mode: .deriveKeyMaterial)
    }

    /// - Parameter key: 32 bytes; nil for the modes that have none.
    package init(key: [UInt8]? = nil, mode: Mode, lanes: Lanes? = nil) {
        precondition(key == nil || key?.count == 32, "a key of \(key?.count ?? 0) bytes")
        form = banyan_blake3_form(key: banyan_sha256_initial, flags: mode.rawValue, length: 0)
        if let key { unsafe withUnsafeMutableBytes(of: &form.key) { unsafe $0.copyBytes(from: key) } }
        self.lanes = lanes ?? Lanes.available[Lanes.available.count - 1]
    }

    /// The digest of one row.
    package func digest(_ row: UnsafeRawBufferPointer) -> Digest {
        var digest = Digest.zero
        unsafe digests(row, length: row.count) { digest = $1 }
        return digest
    }

    package func digest(_ row: [UInt8]) -> Digest { unsafe row.withUnsafeBytes { unsafe digest($0) } }

    /// Calls `found` with the number and the digest of each row.
    /// - Parameter rows: one after the other, `length` bytes each; of length 0 there is one.
    package func digests(_ rows: UnsafeRawBufferPointer, length: Int, _ found: (Int, Digest) -> Void) {
        precondition(rows.count % max(1, length) == 0, "\(rows.count) bytes are not rows of \(length)")
        let count = length == 0 ? 1 : rows.count / length
        var form = form
        form.length = length
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.limit * 32) { digests in
            guard let out = digests.baseAddress, let hash = unsafe lanes.hash else { return }
            // An empty row lies nowhere; any address will do.
            let first = unsafe rows.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? UnsafePointer(out)
            for next in stride(from: 0, to: count, by: Self.limit) {
                let some = min(Self.limit, count - next)
                unsafe hash(&form, first + next * length, length, some, out)
                for number in 0..<some {
                    let bytes = unsafe Bytes32 { unsafe $0.update(from: out + number * 32, count: 32) }
                    found(next + number, Digest(bytes))
                }
            }
        }
    }
}
