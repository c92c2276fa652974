import Foundation
import Hummingbird

/// Answers with `value` as JSON, keys sorted.
func json(_ value: some Encodable, status: HTTPResponse.Status = .ok, contentType: String = "application/json")
    throws -> Response
{
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let body = ByteBuffer(bytes: try encoder.encode(value))
    return Response(status: status, headers: [.contentType: contentType], body: ResponseBody(byteBuffer: body))
}
