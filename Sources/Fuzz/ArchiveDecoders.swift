import Glibc
import Models
import Wire

/// Files that come over HTTP and are read where they lie.
let archiveDecoders: [Decoder] = [
    Decoder("models.zip", seeds: [archive(method: 0, Array("banyan".utf8)), archive(method: 8, deflated)]) { bytes in
        guard let path = scratch.hold(bytes), let archive = try? ZipArchive(path: path) else { return false }
        do throws(ZipArchive.Fault) { try archive.extract("model.gguf", to: "/dev/null") } catch { return false }
        return true
    }
]

/// One file in memory, written anew for each input.
private let scratch = ScratchFile()

private struct ScratchFile: Sendable {
    private let descriptor: Int32

    init() {
        let name = "/banyan-fuzz-archive-\(getpid())"
        descriptor = unsafe shm_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        unsafe shm_unlink(name)
    }

    /// - Returns: a path under which the bytes can be opened; nil for no bytes.
    func hold(_ bytes: [UInt8]) -> String? {
        guard !bytes.isEmpty, ftruncate(descriptor, 0) == 0,
            unsafe pwrite(descriptor, bytes, bytes.count, 0) == bytes.count
        else { return nil }
        return "/proc/self/fd/\(descriptor)"
    }
}

/// "banyan" as a deflate stream of one block that is not compressed (RFC 1951, section 3.2.4).
private let deflated: [UInt8] = [0x01, 6, 0, 0xf9, 0xff] + Array("banyan".utf8)

/// A ZIP file with one member of six bytes (APPNOTE 4.3.7, 4.3.12, 4.3.16). Checksums are left out: the digest of the whole file is checked.
private func archive(method: UInt8, _ content: [UInt8]) -> [UInt8] {
    let name = Array("model.gguf".utf8)
    let size: [UInt8] = [UInt8(content.count), 0, 0, 0]
    let facts: [UInt8] = [20, 0, 0, 0, method, 0] + [UInt8](repeating: 0, count: 8) + size + [6, 0, 0, 0]
    let lengths: [UInt8] = [UInt8(name.count), 0, 0, 0]
    let local = [0x50, 0x4B, 3, 4] + facts + lengths + name + content
    let central =
        [0x50, 0x4B, 1, 2, 20, 0] + facts + lengths + [UInt8](repeating: 0, count: 14) + name
    let end: [UInt8] =
        [0x50, 0x4B, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0] + [UInt8(central.count), 0, 0, 0] + [UInt8(local.count), 0, 0, 0]
        + [0, 0]
    return local + central + end
}
