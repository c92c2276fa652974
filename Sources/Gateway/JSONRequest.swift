import API
import Foundation
import Hummingbird

extension Request {
    /// Reads the whole body, at most `limit` bytes, as one JSON value.
    /// - Throws: ``Problem`` naming what is wrong with the body.
    func json<Value: Decodable>(_ type: Value.Type, limit: Int) async throws -> Value {
        // What says how long it is need not be read to be refused.
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit { throw tooLarge(limit) }
        var buffer = ByteBuffer()
        for try await part in body {
            guard part.readableBytes <= limit - buffer.readableBytes else { throw tooLarge(limit) }
            buffer.writeImmutableBuffer(part)
        }
        do {
            return try JSONDecoder().decode(type, from: Data(buffer.readableBytesView))
        } catch {
            throw Problem.invalid(
                "The body is not a \(type) in JSON: \(error)", remedy: "docs/api.md shows the fields of each request.")
        }
    }
    private func tooLarge(_ limit: Int) -> Problem {
        Problem("too-large", status: 413, "The body is longer than \(limit) bytes.")
    }
}
