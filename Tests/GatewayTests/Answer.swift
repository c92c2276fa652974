import API
import Foundation
import Testing

/// An HTTP answer.
struct Answer: Sendable {
    let status: Int
    /// Names in lower case.
    let headers: [String: String]
    let body: Data

    /// - Returns: nil while `bytes` are not the whole answer.
    init?(_ bytes: [UInt8]) {
        guard let end = Data(bytes).firstRange(of: Data("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        let words = lines[0].split(separator: " ")
        guard words.count >= 2, let status = Int(words[1]) else { return nil }
        self.status = status
        self.headers = headers
        if headers["transfer-encoding"] == "chunked" {
            guard let body = Self.joined(Data(bytes[end.upperBound...])) else { return nil }
            self.body = body
            return
        }
        if status == 204 {
            // RFC 9112, section 6.3: it has no body.
            body = Data()
            return
        }
        guard let length = headers["content-length"].flatMap({ Int($0) }), bytes.count >= end.upperBound + length else {
            return nil
        }
        body = Data(bytes[end.upperBound..<end.upperBound + length])
    }

    /// The chunks of RFC 9112, section 7.1, as one; nil while the last is missing.
    private static func joined(_ chunked: Data) -> Data? {
        var (rest, body) = (chunked[...], Data())
        while let line = rest.firstRange(of: Data("\r\n".utf8)) {
            guard let length = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16),
                rest.endIndex >= line.upperBound + length + 2
            else { return nil }
            if length == 0 { return body }
            body += rest[line.upperBound..<line.upperBound + length]
            rest = rest[(line.upperBound + length + 2)...]
        }
        return nil
    }

    func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: body)
    }

    /// The problem in the body; fails unless it is one and says the status of the answer.
    func problem(sourceLocation: SourceLocation = #_sourceLocation) throws -> Problem {
        #expect(headers["content-type"] == "application/problem+json", sourceLocation: sourceLocation)
        let problem: Problem = try decode()
        #expect(problem.status == status, sourceLocation: sourceLocation)
        #expect(!problem.detail.isEmpty, sourceLocation: sourceLocation)
        return problem
    }
}
