import API

/// The lines of what comes in parts.
struct LineBuffer {
    /// A line of JSON of the API is far below.
    private static let limit = 16 << 20

    private var bytes: [UInt8] = []
    /// Up to where there is no line feed.
    private var searched = 0

    /// - Throws: when a line is too long to be one.
    mutating func append(_ part: some Collection<UInt8>) throws(Problem) {
        bytes += part
        guard bytes.count <= Self.limit else {
            throw Problem("foreign-answer", status: 502, "The node answered a line of more than \(Self.limit) bytes.")
        }
    }

    /// The next whole line that is not empty, without its end.
    mutating func next() -> [UInt8]? {
        while let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
            let line = Array(bytes[..<end])
            bytes.removeFirst(end + 1)
            searched = 0
            if !line.isEmpty { return line }
        }
        searched = bytes.count
        return nil
    }

    /// A last line that has no end.
    var rest: [UInt8]? { bytes.isEmpty ? nil : bytes }
}
