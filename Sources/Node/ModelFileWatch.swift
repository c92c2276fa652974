package import API
package import Models

/// Decides what a node does about model files that are changed under it. Pure: it is shown the files again and again.
///
/// What a node has computed from a file stays right, as weights are copied into memory under the digest that names them. But rows of it can be
/// proved to the ledger only while the file is there, so a node that has lost it takes no questions about it, and looks for it: at the same
/// place, and among all others of the store.
package struct ModelFileWatch: Sendable {
    /// Looking costs a microsecond for each file.
    static let interval: Duration = .seconds(1)

    package struct Changes: Hashable, Sendable {
        /// Paths of models whose files are not what they were, since this look.
        package var lost: [String] = []
        /// Files that may be the lost model at `path`.
        package var tries: [Try] = []

        package init() {}
    }

    package struct Try: Hashable, Sendable {
        package let path: String
        package let candidate: String

        package init(path: String, candidate: String) {
            self.path = path
            self.candidate = candidate
        }
    }

    /// A model without its file.
    private struct Lost {
        /// Milliseconds since 1970.
        let since: UInt64
        /// What the candidates were when they were seen last.
        var seen: [String: FileStamp] = [:]
        /// What they were when they were tried.
        var tried: [String: FileStamp] = [:]
    }

    private var lost: [String: Lost] = [:]

    package init() {}

    /// - Parameters:
    ///   - files: by path, whether the model's file is what it was when it was opened.
    ///   - now: milliseconds since 1970.
    ///   - candidates: where a lost model may be.
    ///   - stamp: what is at a path now.
    package mutating func look(
        at files: [String: Bool], now: UInt64, candidates: (String) -> Set<String>, stamp: (String) -> FileStamp?
    ) -> Changes {
        var changes = Changes()
        for (path, isWhole) in files.sorted(by: { $0.key < $1.key }) {
            guard !isWhole else {
                lost[path] = nil
                continue
            }
            if lost[path] == nil { changes.lost.append(path) }
            var entry = lost[path] ?? Lost(since: now)
            for candidate in candidates(path).sorted() {
                // A file that still grows is different at the next look; one that was tried is read again when it has changed.
                guard let stamp = stamp(candidate), entry.tried[candidate] != stamp else { continue }
                if entry.seen.updateValue(stamp, forKey: candidate) == stamp {
                    entry.tried[candidate] = stamp
                    changes.tries.append(Try(path: path, candidate: candidate))
                }
            }
            lost[path] = entry
        }
        return changes
    }

    /// The model at `path` has a whole file again.
    package mutating func found(_ path: String) { lost[path] = nil }

    /// For `GET /v1/status`.
    package var troubles: [Trouble] {
        lost.sorted { $0.key < $1.key }.map {
            Trouble(detail: Self.detail($0.key), remedy: Self.remedy, since: $0.value.since)
        }
    }

    static func detail(_ path: String) -> String {
        "'\(path)' was changed while it was in use: no questions about this model are taken, and disputes about it wait."
    }

    static let remedy =
        "Put the file back, or fetch it again with 'banyan model pull': the node goes on by itself. Replace model files by renaming, never by writing into them."
}
