package import Keys
internal import Synchronization

/// Bytes by their digest: models, checkpoints, deltas.
///
/// A blob is written to a temporary file, synced and renamed, and its digest is checked on every read, so that a reader gets
/// the right bytes or an error. The sum of sizes stays within a quota.
package final class BlobStore: Sendable {
    package static let domain: Digest.Domain = "blob"

    private struct Index {
        var sizes: [Digest: UInt64] = [:]
        var used: UInt64 = 0
        var nextTemporary: UInt64 = 0
    }

    private let disk: any Disk
    private let directory: String
    /// In bytes.
    package let quota: UInt64
    private let index: Mutex<Index>

    /// Opens the store and removes what was half written.
    package init(on disk: any Disk, directory: String = "blobs", quota: UInt64) throws(StoreError) {
        self.disk = disk
        self.directory = directory
        self.quota = quota
        var found = Index()
        try onDisk { () throws(DiskError) in
            try disk.createDirectory(directory)
            for name in try disk.list(directory) {
                let path = directory + "/" + name
                if let digest = Digest(hex: name), let size = try disk.size(of: path) {
                    found.sizes[digest] = size
                    found.used += size
                } else {
                    try disk.remove(path)
                }
            }
        }
        index = Mutex(found)
    }

    /// Stores the bytes and returns their digest; storing them again changes nothing.
    /// - Parameter durable: whether to wait for the disk. Without it a loss of power can lose the blob, never change it.
    package func put(_ bytes: [UInt8], durable: Bool = true) throws(StoreError) -> Digest {
        let digest = Digest(of: bytes, domain: Self.domain)
        let size = UInt64(bytes.count)
        enum Place { case known, temporary(String), full(UInt64) }
        let place: Place = index.withLock { index in
            if index.sizes[digest] != nil { return .known }
            guard size <= quota - min(quota, index.used) else { return .full(quota - min(quota, index.used)) }
            index.used += size
            index.nextTemporary += 1
            return .temporary("\(directory)/\(index.nextTemporary).part")
        }
        switch place {
        case .known: return digest
        case .full(let free): throw .quotaExceeded(needed: size, free: free)
        case .temporary(let temporary):
            do throws(StoreError) {
                try onDisk { () throws(DiskError) in
                    try disk.append(bytes, to: temporary)
                    if durable { try disk.sync(temporary) }
                    try disk.rename(temporary, to: path(of: digest))
                    if durable { try disk.syncDirectory(directory) }
                }
            } catch {
                index.withLock { $0.used -= size }
                // On a full disk half a blob is room that others need.
                try? disk.remove(temporary)
                throw error
            }
            index.withLock { index in
                // Two writers of one blob: both wrote the same bytes, one entry counts.
                if index.sizes.updateValue(size, forKey: digest) != nil { index.used -= size }
            }
            return digest
        }
    }

    /// The bytes with this digest; nil when they are not here.
    /// - Throws: ``StoreError/damagedBlob(_:)`` when the disk changed them; the blob is then removed, so that it can be fetched again.
    package func get(_ digest: Digest) throws(StoreError) -> [UInt8]? {
        guard has(digest) else { return nil }
        let bytes: [UInt8]
        do {
            bytes = try disk.readAll(path(of: digest))
        } catch {
            guard case .missing = error else { throw .disk(error) }
            try remove(digest)
            return nil
        }
        guard Digest(of: bytes, domain: Self.domain) == digest else {
            try remove(digest)
            throw .damagedBlob(digest)
        }
        return bytes
    }

    package func has(_ digest: Digest) -> Bool { index.withLock { $0.sizes[digest] != nil } }

    /// The size in bytes; nil when the blob is not here.
    package func size(of digest: Digest) -> UInt64? { index.withLock { $0.sizes[digest] } }

    /// The sum of the sizes, in bytes.
    package var used: UInt64 { index.withLock { $0.used } }

    /// Every blob that is here, in ascending order.
    package var digests: [Digest] { index.withLock { $0.sizes.keys.sorted() } }

    package func remove(_ digest: Digest) throws(StoreError) {
        try onDisk { () throws(DiskError) in try disk.remove(path(of: digest)) }
        index.withLock { index in
            if let size = index.sizes.removeValue(forKey: digest) { index.used -= size }
        }
    }

    private func path(of digest: Digest) -> String { directory + "/" + digest.description }
}
