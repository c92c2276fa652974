package import Keys
internal import Synchronization

/// Blobs that are kept for the sake of something that ends: which they are survives a restart, so that a program that was stopped in
/// the middle still finds and removes what nothing needs any more.
///
/// One file a holder, 32 bytes a blob, written before the blobs are: a crash leaves a name too many, never a blob without a name.
package final class BlobLeases: Sendable {
    /// Blobs that one holder may have.
    package static let limit = 4096

    private let disk: any Disk
    private let directory: String
    private let leases: Mutex<[Digest: Set<Digest>]>

    package init(on disk: any Disk, directory: String = "leases") throws(DiskError) {
        self.disk = disk
        self.directory = directory
        var found: [Digest: Set<Digest>] = [:]
        try disk.createDirectory(directory)
        for name in try disk.list(directory) {
            guard let holder = Digest(hex: name) else {
                try disk.remove(directory + "/" + name)
                continue
            }
            let bytes = try disk.readAll(directory + "/" + name)
            // A name that was cut off belongs to a blob that was never written.
            found[holder] = Set(
                stride(from: 0, through: bytes.count - 32, by: 32).compactMap {
                    Digest(bytes: Array(bytes[$0..<$0 + 32]))
                })
        }
        leases = Mutex(found)
    }

    /// Whoever holds something, ascending.
    package var holders: [Digest] { leases.withLock { $0.keys.sorted() } }

    /// Notes that these blobs are here for `holder`; what is beyond ``limit`` is not noted and stays.
    package func add(_ blobs: [Digest], to holder: Digest) throws(DiskError) {
        let fresh = leases.withLock { leases in
            let known = leases[holder, default: []]
            let fresh = Set(blobs).subtracting(known).sorted().prefix(Self.limit - known.count)
            leases[holder] = known.union(fresh)
            return fresh
        }
        guard !fresh.isEmpty else { return }
        do { try write(fresh, to: directory + "/\(holder)") } catch {
            // They are not known as long as nobody would find them after a restart: the next try writes them again.
            leases.withLock { $0[holder]?.subtract(fresh) }
            throw error
        }
    }

    private func write(_ fresh: ArraySlice<Digest>, to path: String) throws(DiskError) {
        // A torn end would put every later name at a wrong place.
        if let size = try disk.size(of: path), size % 32 != 0 { try disk.truncate(path, to: size - size % 32) }
        try disk.append(fresh.flatMap(\.bytes), to: path)
        try disk.sync(path)
        try disk.syncDirectory(directory)
    }

    /// Ends a lease, and with it the blobs that nobody else holds.
    /// - Parameter remove: removes one blob; it may be gone already. The lease is forgotten after the last one.
    package func end(_ holder: Digest, remove: (Digest) throws -> Void) throws {
        let blobs = leases.withLock { leases in
            let others = leases.filter { $0.key != holder }.values
            return (leases[holder] ?? []).filter { blob in !others.contains { $0.contains(blob) } }
        }
        for blob in blobs.sorted() { try remove(blob) }
        try disk.remove(directory + "/\(holder)")
        leases.withLock { $0[holder] = nil }
    }
}
