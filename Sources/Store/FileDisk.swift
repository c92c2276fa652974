internal import Glibc
internal import Synchronization

/// The disk of this machine under one root directory.
package final class FileDisk: Disk {
    private struct Handles {
        var open: [String: Int32] = [:]
        var dirty: Set<String> = []
    }

    /// 32 files open for appending: a few journals, and room for blobs on their way.
    private static let handleLimit = 32

    package let root: String
    private let handles = Mutex(Handles())

    /// Makes the root directory when it is missing; only its owner may enter.
    package init(root: String) throws(DiskError) {
        self.root = root
        try createDirectory("")
    }

    deinit { handles.withLock { handles in handles.open.values.forEach { _ = close($0) } } }

    package func createDirectory(_ path: String) throws(DiskError) {
        var made = ""
        for part in absolute(path).split(separator: "/") {
            let parent = made.isEmpty ? "/" : made
            made += "/" + part
            if unsafe mkdir(made, 0o700) == 0 {
                try syncAbsolute(directory: parent)
            } else if errno != EEXIST {
                throw .failed(call: "mkdir", path: made, code: errno)
            }
        }
    }

    package func list(_ directory: String) throws(DiskError) -> [String] {
        let path = absolute(directory)
        guard let stream = unsafe opendir(path) else {
            if errno == ENOENT { return [] }
            throw .failed(call: "opendir", path: path, code: errno)
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                unsafe String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    package func size(of path: String) throws(DiskError) -> UInt64? {
        var status = stat()
        guard unsafe stat(absolute(path), &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .failed(call: "stat", path: path, code: errno)
        }
        return UInt64(status.st_size)
    }

    package func read(_ path: String, at offset: UInt64, count: Int) throws(DiskError) -> [UInt8] {
        let file = unsafe open(absolute(path), O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { throw .missing(path: path) }
            throw .failed(call: "open", path: path, code: errno)
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: count)
        var have = 0
        while have < count {
            let got = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(file, buffer.baseAddress! + have, count - have, off_t(offset) + off_t(have))
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .failed(call: "pread", path: path, code: errno) }
            if got == 0 { break }
            have += got
        }
        bytes.removeLast(count - have)
        return bytes
    }

    package func append(_ bytes: [UInt8], to path: String) throws(DiskError) {
        let failure: DiskError? = handles.withLock { handles in
            do throws(DiskError) {
                let file = try handle(of: path, in: &handles)
                handles.dirty.insert(path)
                try write(bytes, to: file, path: path)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    package func sync(_ path: String) throws(DiskError) {
        let failure: DiskError? = handles.withLock { handles in
            do throws(DiskError) {
                // A file that is not open for appending is opened: what another process left in the cache is ours now.
                let file = try handle(of: path, in: &handles, creating: false)
                guard fdatasync(file) == 0 else { throw .failed(call: "fdatasync", path: path, code: errno) }
                handles.dirty.remove(path)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    package func syncDirectory(_ path: String) throws(DiskError) { try syncAbsolute(directory: absolute(path)) }

    package func truncate(_ path: String, to size: UInt64) throws(DiskError) {
        guard unsafe Glibc.truncate(absolute(path), off_t(size)) == 0 else {
            throw errno == ENOENT ? .missing(path: path) : .failed(call: "truncate", path: path, code: errno)
        }
    }

    package func rename(_ path: String, to newPath: String) throws(DiskError) {
        forget(path)
        forget(newPath)
        guard unsafe Glibc.rename(absolute(path), absolute(newPath)) == 0 else {
            throw errno == ENOENT ? .missing(path: path) : .failed(call: "rename", path: path, code: errno)
        }
    }

    package func remove(_ path: String) throws(DiskError) {
        forget(path)
        guard unsafe unlink(absolute(path)) == 0 || errno == ENOENT else {
            throw .failed(call: "unlink", path: path, code: errno)
        }
    }

    private func absolute(_ path: String) -> String { path.isEmpty ? root : root + "/" + path }

    private func forget(_ path: String) {
        handles.withLock { handles in
            handles.dirty.remove(path)
            if let file = handles.open.removeValue(forKey: path) { close(file) }
        }
    }

    private func handle(
        of path: String, in handles: inout Handles, creating: Bool = true
    ) throws(DiskError) -> Int32 {
        if let file = handles.open[path] { return file }
        if handles.open.count >= Self.handleLimit {
            // Only files without pending data: an error of their write-back is reported to this descriptor alone.
            for (path, file) in handles.open where !handles.dirty.contains(path) {
                close(file)
                handles.open[path] = nil
            }
        }
        let file = unsafe open(absolute(path), O_WRONLY | O_APPEND | (creating ? O_CREAT : 0) | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw errno == ENOENT ? .missing(path: path) : .failed(call: "open", path: path, code: errno)
        }
        handles.open[path] = file
        return file
    }

    private func write(_ bytes: [UInt8], to file: Int32, path: String) throws(DiskError) {
        var done = 0
        while done < bytes.count {
            let put = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(file, buffer.baseAddress! + done, bytes.count - done)
            }
            if put < 0, errno == EINTR { continue }
            guard put > 0 else { throw .failed(call: "write", path: path, code: errno) }
            done += put
        }
    }

    private func syncAbsolute(directory: String) throws(DiskError) {
        let file = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw .failed(call: "open", path: directory, code: errno) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw .failed(call: "fsync", path: directory, code: errno) }
    }
}
