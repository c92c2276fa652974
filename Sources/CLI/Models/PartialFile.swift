import API
import Foundation

/// What is here already of a file that is being fetched: `FILE.part`, and beside it `FILE.part.from` with its source.
struct PartialFile: Sendable {
    let path: String
    private var sourcePath: String { path + ".from" }

    init(of file: String) { path = file + ".part" }

    /// In bytes.
    var count: Int {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int ?? 0
    }

    /// What the server called this state of the file (RFC 9110 section 8.8), or "" when it said nothing; nil when the part came from
    /// somewhere else.
    func validator(for source: URL) -> String? {
        guard count > 0, let text = try? String(contentsOfFile: sourcePath, encoding: .utf8) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.count >= 2 && lines[0] == source.absoluteString ? String(lines[1]) : nil
    }

    /// Opens the part for writing at its end.
    func open(source: URL, validator: String?, keepsContent: Bool) throws(Problem) -> FileHandle {
        do {
            try Data("\(source.absoluteString)\n\(validator ?? "")\n".utf8).write(to: URL(fileURLWithPath: sourcePath))
            if !keepsContent || count == 0 { try Data().write(to: URL(fileURLWithPath: path)) }
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try handle.seekToEnd()
            return handle
        } catch {
            throw .invalid("'\(path)' cannot be written: \(error.localizedDescription)")
        }
    }

    /// Makes the part the file.
    func finish(as file: String) throws(Problem) {
        guard unsafe rename(path, file) == 0 else { throw .invalid("'\(path)' cannot be renamed to '\(file)'.") }
        try? FileManager.default.removeItem(atPath: sourcePath)
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
        try? FileManager.default.removeItem(atPath: sourcePath)
    }

    /// - Throws: ``Problem`` when so many bytes do not fit on the disk.
    func checkSpace(for bytes: Int) throws(Problem) {
        let directory = (path as NSString).deletingLastPathComponent
        let free = (try? FileManager.default.attributesOfFileSystem(forPath: directory))?[.systemFreeSize] as? Int
        guard let free, free < bytes else { return }
        throw Problem(
            "disk-full", status: 507,
            "\(megabytes(bytes)) are to come, and only \(megabytes(free)) are free in '\(directory)'.",
            remedy: "Make room, or name another disk with BANYAN_MODELS.")
    }
}
