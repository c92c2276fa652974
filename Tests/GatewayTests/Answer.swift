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
        guard words.count >= 2, let status = Int(words[1]), let length = headers["content-length"].flatMap({ Int($0) }),
            bytes.count >= end.upperBound + length
        else { return nil }
        self.status = status
        self.headers = headers
        body = Data(bytes[end.upperBound..<end.upperBound + length])
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
