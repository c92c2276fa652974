internal import CZlib
internal import Glibc

/// Reads members of a ZIP file (PKWARE APPNOTE 6.3.10) that are stored or deflated and below 4 GiB: what Python wheels are.
package struct ZipArchive {
    package enum Fault: Error, Hashable, Sendable {
        case unreadable(path: String)
        /// Not a ZIP file, or one whose lengths point outside of it.
        case damaged(path: String)
        case noMember(String)
        /// Neither stored nor deflated.
        case method(Int)
        /// The member's stream breaks off, goes on behind its length, or is no deflate stream.
        case stream(String)
        case unwritable(path: String, errno: Int32)
    }

    private struct Entry {
        let method: Int
        let place: Range<Int>
        let length: Int
    }

    private let path: String
    private let file: MappedFile

    package init(path: String) throws(Fault) {
        self.path = path
        do throws(ModelError) { file = try MappedFile(path: path) } catch { throw .unreadable(path: path) }
    }

    /// Writes one member to a new file.
    /// - Parameter progress: told the bytes written so far, and of how many.
    package func extract(_ member: String, to target: String, progress: (Int, Int) -> Void = { _, _ in }) throws(Fault)
    {
        let entry = try find(member)
        let descriptor = unsafe open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .unwritable(path: target, errno: errno) }
        defer { close(descriptor) }
        let source = unsafe UnsafeRawBufferPointer(rebasing: file.bytes[entry.place])
        var written = 0
        func write(_ piece: UnsafeRawBufferPointer) throws(Fault) {
            guard written + piece.count <= entry.length else { throw .stream(member) }
            var start = 0
            while start < piece.count {
                let count = unsafe Glibc.write(descriptor, piece.baseAddress! + start, piece.count - start)
                guard count > 0 || (count < 0 && errno == EINTR) else { throw .unwritable(path: target, errno: errno) }
                start += max(0, count)
            }
            written += piece.count
            progress(written, entry.length)
        }
        switch entry.method {
        case 0: try unsafe write(source)
        case 8: try unsafe Self.inflate(source, of: member, write: write)
        default: throw .method(entry.method)
        }
        guard written == entry.length else { throw .stream(member) }
    }

    /// Looks the member up in the central directory (section 4.3.12); its bytes follow its local header (4.3.7).
    private func find(_ member: String) throws(Fault) -> Entry {
        let end = try endRecord()
        var offset = try number(at: end + 16, bytes: 4)
        for _ in 0..<(try number(at: end + 10, bytes: 2)) {
            guard try number(at: offset, bytes: 4) == 0x0201_4B50 else { throw .damaged(path: path) }
            let nameLength = try number(at: offset + 28, bytes: 2)
            if try text(at: offset + 46, length: nameLength) == member {
                let local = try number(at: offset + 42, bytes: 4)
                guard try number(at: local, bytes: 4) == 0x0403_4B50 else { throw .damaged(path: path) }
                let start = try local + 30 + number(at: local + 26, bytes: 2) + number(at: local + 28, bytes: 2)
                let stop = try start + number(at: offset + 20, bytes: 4)
                guard unsafe stop <= file.bytes.count else { throw .damaged(path: path) }
                return Entry(
                    method: try number(at: offset + 10, bytes: 2), place: start..<stop,
                    length: try number(at: offset + 24, bytes: 4))
            }
            offset += try 46 + nameLength + number(at: offset + 30, bytes: 2) + number(at: offset + 32, bytes: 2)
        }
        throw .noMember(member)
    }

    /// The end record (section 4.3.16) has 22 bytes and a comment of at most 65,535.
    private func endRecord() throws(Fault) -> Int {
        let last = unsafe file.bytes.count - 22
        var offset = last
        while offset >= max(0, last - 65_535) {
            if try number(at: offset, bytes: 4) == 0x0605_4B50 { return offset }
            offset -= 1
        }
        throw .damaged(path: path)
    }

    /// Little-endian.
    private func number(at offset: Int, bytes count: Int) throws(Fault) -> Int {
        guard offset >= 0, unsafe offset + count <= file.bytes.count else { throw .damaged(path: path) }
        return (0..<count).reduce(0) { unsafe $0 | Int(file.bytes[offset + $1]) << (8 * $1) }
    }

    private func text(at offset: Int, length: Int) throws(Fault) -> String {
        guard offset >= 0, unsafe offset + length <= file.bytes.count else { throw .damaged(path: path) }
        return unsafe String(decoding: file.bytes[offset..<offset + length], as: UTF8.self)
    }

    /// Inflates a raw deflate stream (RFC 1951), a mebibyte at a time.
    private static func inflate(
        _ source: UnsafeRawBufferPointer, of member: String, write: (UnsafeRawBufferPointer) throws(Fault) -> Void
    ) throws(Fault) {
        var stream = unsafe z_stream()
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        // Minus 15: no header, the largest window.
        guard unsafe inflateInit2_(&stream, -15, ZLIB_VERSION, size) == Z_OK else { throw .stream(member) }
        defer { unsafe inflateEnd(&stream) }
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { unsafe room.deallocate() }
        unsafe stream.next_in = UnsafeMutablePointer(mutating: source.assumingMemoryBound(to: UInt8.self).baseAddress)
        unsafe stream.avail_in = UInt32(source.count)
        while true {
            unsafe stream.next_out = room.assumingMemoryBound(to: UInt8.self).baseAddress
            unsafe stream.avail_out = UInt32(room.count)
            let status = unsafe CZlib.inflate(&stream, Z_NO_FLUSH)
            guard status == Z_OK || status == Z_STREAM_END else { throw .stream(member) }
            let produced = unsafe room.count - Int(stream.avail_out)
            try unsafe write(UnsafeRawBufferPointer(rebasing: room[..<produced]))
            if status == Z_STREAM_END { return }
            // All was read and nothing came out: the stream breaks off.
            if unsafe produced == 0 && stream.avail_in == 0 { throw .stream(member) }
        }
    }
}
