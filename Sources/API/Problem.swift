/// What went wrong, in the form of RFC 9457 (problem details for HTTP APIs): which value, and what to do about it.
public struct Problem: Error, Codable, Hashable, Sendable, CustomStringConvertible {
    /// A short name of the kind of problem that programs compare, e.g. `unknown-account`.
    public var type: String
    /// The HTTP status.
    public var status: Int
    /// What was wrong with which value.
    public var detail: String
    /// What the reader can do.
    public var remedy: String?

    public init(_ type: String, status: Int, _ detail: String, remedy: String? = nil) {
        self.type = type
        self.status = status
        self.detail = detail
        self.remedy = remedy
    }

    public var description: String { remedy.map { "\(detail)\n\($0)" } ?? detail }

    public static func notFound(_ detail: String, remedy: String? = nil) -> Problem {
        Problem("not-found", status: 404, detail, remedy: remedy)
    }
    public static func invalid(_ detail: String, remedy: String? = nil) -> Problem {
        Problem("invalid", status: 400, detail, remedy: remedy)
    }
    public static func refused(_ detail: String, remedy: String? = nil) -> Problem {
        Problem("refused", status: 409, detail, remedy: remedy)
    }
}
