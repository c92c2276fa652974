/// What went wrong, in the form of RFC 9457 (problem details for HTTP APIs): which value, and what to do about it.
package struct Problem: Error, Codable, Hashable, Sendable, CustomStringConvertible {
    /// A short name of the kind of problem that programs compare, e.g. `unknown-account`.
    package var type: String
    /// The HTTP status.
    package var status: Int
    /// What was wrong with which value.
    package var detail: String
    /// What the reader can do.
    package var remedy: String?

    package init(_ type: String, status: Int, _ detail: String, remedy: String? = nil) {
        self.type = type
        self.status = status
        self.detail = detail
        self.remedy = remedy
    }

    package var description: String { remedy.map { "\(detail)\n\($0)" } ?? detail }

    package static func notFound(_ detail: String, remedy: String? = nil) -> Problem {
        Problem("not-found", status: 404, detail, remedy: remedy)
    }
    package static func invalid(_ detail: String, remedy: String? = nil) -> Problem {
        Problem("invalid", status: 400, detail, remedy: remedy)
    }
    package static func refused(_ detail: String, remedy: String? = nil) -> Problem {
        Problem("refused", status: 409, detail, remedy: remedy)
    }
}
