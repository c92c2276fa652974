/// The files of one data directory, as the stores need them: append, read, make durable.
///
/// A path is relative to the root and uses `/`. What was appended can be read at once; it survives a loss of power only
/// after ``sync(_:)`` of the file, and its name only after ``syncDirectory(_:)`` of the directory that holds it.
package protocol Disk: AnyObject, Sendable {
    /// Makes the directory and those above it, durably; nothing happens when it exists.
    func createDirectory(_ path: String) throws(DiskError)
    /// The names in a directory in ascending order; empty when there is no such directory.
    func list(_ directory: String) throws(DiskError) -> [String]
    /// The size in bytes; nil when there is no such file.
    func size(of path: String) throws(DiskError) -> UInt64?
    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    func read(_ path: String, at offset: UInt64, count: Int) throws(DiskError) -> [UInt8]
    /// Appends to the file, making it when it is missing.
    func append(_ bytes: [UInt8], to path: String) throws(DiskError)
    /// Makes the content of the file durable. After a failure what was appended since the last time is unknown, and a second call
    /// says nothing about it: it has to be written again.
    func sync(_ path: String) throws(DiskError)
    /// Makes the names in the directory durable.
    func syncDirectory(_ path: String) throws(DiskError)
    /// Cuts the file to `size` bytes.
    func truncate(_ path: String, to size: UInt64) throws(DiskError)
    /// Gives a file a new name in one step, replacing what had that name.
    func rename(_ path: String, to newPath: String) throws(DiskError)
    /// Removes the file; nothing happens when it is missing.
    func remove(_ path: String) throws(DiskError)
}

/// A call to the disk that failed.
package enum DiskError: Error, Hashable, Sendable, CustomStringConvertible {
    case missing(path: String)
    /// `code` is the system's errno.
    case failed(call: String, path: String, code: Int32)

    package var description: String {
        switch self {
        case .missing(let path): "no file \(path)"
        case .failed(let call, let path, let code): "\(call) of \(path) failed: \(SystemErrorText.of(code))"
        }
    }
}

extension Disk {
    /// The whole file.
    /// - Throws: ``DiskError/missing(path:)`` when there is none.
    package func readAll(_ path: String) throws(DiskError) -> [UInt8] {
        guard let size = try size(of: path) else { throw .missing(path: path) }
        return try read(path, at: 0, count: Int(size))
    }

    /// Writes a whole file so that after a crash there is the old content or the new, never a mixture:
    /// temporary file, sync, rename, sync of the directory.
    package func replace(_ name: String, in directory: String, with bytes: [UInt8]) throws(DiskError) {
        let path = directory.isEmpty ? name : directory + "/" + name
        let temporary = path + ".new"
        try remove(temporary)
        do throws(DiskError) {
            try append(bytes, to: temporary)
            try sync(temporary)
            try rename(temporary, to: path)
        } catch {
            // On a full disk half a file is room that others need.
            try? remove(temporary)
            throw error
        }
        try syncDirectory(directory)
    }
}
