import API
import Foundation
import Keys

extension Digest {
    /// Plain SHA-256 of a file, read a mebibyte at a time.
    static func ofFile(_ path: String, progress: ProgressBar? = nil) throws(Problem) -> Digest {
        guard let file = FileHandle(forReadingAtPath: path) else { throw .invalid("'\(path)' cannot be read.") }
        defer { try? file.close() }
        var hasher = SHA256()
        var done = 0
        while true {
            let piece: Data?
            do { piece = try file.read(upToCount: 1 << 20) } catch {
                throw .invalid("'\(path)' cannot be read to its end.")
            }
            guard let piece, !piece.isEmpty else { return hasher.finish() }
            hasher.update(Array(piece))
            done += piece.count
            progress?.show(done, of: nil)
        }
    }
}
