import API
import Foundation
import Keys

/// Fetches a file, going on where an earlier attempt stopped, and believes it only with the right digest.
struct Download {
    let source: URL
    /// Where the file shall be.
    let path: String
    /// SHA-256 of the file; nil when nobody knows.
    let pin: Digest?
    var isQuiet = false

    /// Five connections that each bring something may break before a person is asked to come back.
    private static let attempts = 5

    /// - Returns: the SHA-256 of the file.
    func run() async throws -> Digest {
        let part = PartialFile(of: path)
        for attempt in 1... {
            let before = part.count
            do {
                try await Transfer(
                    source: source, part: part, isPinned: pin != nil, isQuiet: isQuiet
                ).run()
                break
            } catch let problem as Problem {
                guard problem.type == "interrupted", attempt < Self.attempts, part.count > before else { throw problem }
            }
        }
        let digest = try Digest.ofFile(part.path)
        if let pin, pin != digest {
            part.remove()
            throw Problem.invalid(
                "\(source) brought a file with SHA-256 \(digest), not \(pin).",
                remedy: "Either the file has changed or somebody stands between; what came was thrown away.")
        }
        try part.finish(as: path)
        return digest
    }

    /// - Throws: ``Problem`` for an address over which anybody could change the file unnoticed.
    static func check(_ text: String, isPinned: Bool) throws(Problem) -> URL {
        guard let url = URL(string: text), let host = url.host, !host.isEmpty, ["https", "http"].contains(url.scheme)
        else {
            throw .invalid(
                "'\(text)' is no address of a file.", remedy: "It looks like https://example.org/model.gguf.")
        }
        guard url.scheme == "https" || isPinned else {
            throw .invalid(
                "'\(text)' is not https: anybody on the way could change the file.",
                remedy: "Name its SHA-256 with --sha256, or an https address.")
        }
        return url
    }
}
