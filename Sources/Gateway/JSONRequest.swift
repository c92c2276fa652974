import API
import Foundation
import Hummingbird

extension Request {
    /// Reads the whole body, at most `limit` bytes, as one JSON value.
    /// - Throws: ``Problem`` naming what is wrong with the body.
    func json<Value: Decodable>(_ type: Value.Type, limit: Int) async throws -> Value {
        let buffer: ByteBuffer
        do {
            buffer = try await body.collect(upTo: limit)
        } catch {
            throw Problem("too-large", status: 413, "The body is longer than \(limit) bytes.")
        }
        do {
            return try JSONDecoder().decode(type, from: Data(buffer.readableBytesView))
        } catch {
            throw Problem.invalid(
                "The body is not a \(type) in JSON: \(error)", remedy: "docs/api.md shows the fields of each request.")
        }
    }
}
