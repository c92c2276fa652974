import Foundation
import Store
import Synchronization

/// A directory of its own for one test, removed with the value.
final class TemporaryDirectory {
    let path: String
    let disk: FileDisk

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/banyan-store-" + UUID().uuidString
        disk = try FileDisk(root: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A disk that fails one kind of call when told to.
final class FaultyDisk: Disk {
    enum Fault: Sendable { case append, sync }

    private let inner: FileDisk
    private let fault = Mutex<Fault?>(nil)

    init(_ inner: FileDisk) { self.inner = inner }
    func arm(_ next: Fault?) { fault.withLock { $0 = next } }

    private func fail(_ kind: Fault, _ path: String) throws(DiskError) {
        if fault.withLock({ $0 == kind }) { throw .failed(call: "\(kind)", path: path, code: 5) }
    }

    func createDirectory(_ path: String) throws(DiskError) { try inner.createDirectory(path) }
    func list(_ directory: String) throws(DiskError) -> [String] { try inner.list(directory) }
    func size(of path: String) throws(DiskError) -> UInt64? { try inner.size(of: path) }
    func read(_ path: String, at offset: UInt64, count: Int) throws(DiskError) -> [UInt8] {
        try inner.read(path, at: offset, count: count)
    }
    func append(_ bytes: [UInt8], to path: String) throws(DiskError) {
        try fail(.append, path)
        try inner.append(bytes, to: path)
    }
    func sync(_ path: String) throws(DiskError) {
        try fail(.sync, path)
        try inner.sync(path)
    }
    func syncDirectory(_ path: String) throws(DiskError) { try inner.syncDirectory(path) }
    func truncate(_ path: String, to size: UInt64) throws(DiskError) { try inner.truncate(path, to: size) }
    func rename(_ path: String, to newPath: String) throws(DiskError) { try inner.rename(path, to: newPath) }
    func remove(_ path: String) throws(DiskError) { try inner.remove(path) }
}
