internal import Glibc
internal import Tensors

/// A file in memory, read-only, paged in as it is used.
///
/// Another process may change the file under us: the bytes then change too, and those behind a cut are zeros. ``checkUnchanged()``
/// finds that out by size and time of change: call it after reading. A file that was replaced or deleted as a whole stays as it was
/// for us.
@safe final class MappedFile: Sendable {
    let path: String
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
    private let descriptor: Int32
    private let stamp: FileStamp

    init(path: String) throws(ModelError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .fileUnreadable(path: path, errno: errno) }
        guard let stamp = FileStamp(descriptor) else {
            close(descriptor)
            throw .fileUnreadable(path: path, errno: EINVAL)
        }
        guard stamp.size > 0 else {
            close(descriptor)
            throw .gguf(path: path, reason: "is empty")
        }
        guard let start = unsafe mmap(nil, stamp.size, PROT_READ, MAP_SHARED, descriptor, 0), unsafe start != MAP_FAILED
        else {
            let reason = errno
            close(descriptor)
            throw .fileUnreadable(path: path, errno: reason)
        }
        guard unsafe MappedMemory.protect(UnsafeRawBufferPointer(start: start, count: stamp.size)) else {
            unsafe munmap(start, stamp.size)
            close(descriptor)
            throw .fileUnreadable(path: path, errno: EMFILE)
        }
        self.path = path
        self.descriptor = descriptor
        self.stamp = stamp
        unsafe bytes = UnsafeRawBufferPointer(start: start, count: stamp.size)
    }

    deinit {
        unsafe MappedMemory.unprotect(bytes)
        unsafe munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        close(descriptor)
    }

    /// - Throws: ``ModelError/fileChanged(path:)`` when the file was written to or cut since it was opened.
    func checkUnchanged() throws(ModelError) {
        guard FileStamp(descriptor) == stamp else { throw .fileChanged(path: path) }
    }
}
