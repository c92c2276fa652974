import API
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Speaks the HTTP API of a node.
struct NodeClient: Sendable {
    let base: URL
    let token: String?

    /// Bytes of an answer that comes whole.
    private static let bodyLimit = 256 << 20
    /// For an answer that comes whole.
    private static let deadline: TimeAmount = .seconds(30)
    /// Of the process: never shut down. A first token may take as long as a long prompt in a queue.
    private static let http = HTTPClient(
        eventLoopGroupProvider: .singleton,
        configuration: .init(timeout: .init(connect: .seconds(10), read: .seconds(600))))

    func get<Value: Decodable>(_ path: String, as type: Value.Type = Value.self) async throws -> Value {
        try await decode(send("GET", path, body: nil))
    }

    func post<Value: Decodable>(_ path: String, _ body: some Encodable, as type: Value.Type = Value.self) async throws
        -> Value
    {
        try await decode(send("POST", path, body: try JSONEncoder().encode(body)))
    }

    func bytes(_ path: String) async throws -> [UInt8] { try await send("GET", path, body: nil) }

    private func decode<Value: Decodable>(_ body: [UInt8]) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(body))
        } catch {
            throw Problem(
                "foreign-answer", status: 502, "\(base) answered something that is no \(Value.self).",
                remedy: "Is that address a banyan node of this version?")
        }
    }

    /// The whole answer.
    /// - Throws: what the node says is wrong, or that it does not answer.
    @discardableResult func send(
        _ method: String, _ path: String, body: Data?, within deadline: TimeAmount = Self.deadline
    ) async throws -> [UInt8] {
        let request = try request(method, path, body)
        let (status, answer): (HTTPResponseStatus, [UInt8])
        do {
            let response = try await Self.http.execute(request, timeout: deadline)
            status = response.status
            answer = Array(buffer: try await response.body.collect(upTo: Self.bodyLimit))
        } catch { throw try unreachable }
        guard status.isFine else { throw problem(status, answer, request) }
        return answer
    }

    /// The lines of an answer as they come.
    func follow(
        _ method: String, _ path: String, body: Data, tell: ([UInt8]) throws -> Void
    ) async throws {
        let request = try request(method, path, body)
        let response: HTTPClientResponse
        do { response = try await Self.http.execute(request, deadline: .distantFuture) } catch { throw try unreachable }
        func take(_ line: [UInt8]) throws {
            guard response.status.isFine else { throw problem(response.status, line, request) }
            try tell(line)
        }
        var lines = LineBuffer()
        var parts = response.body.makeAsyncIterator()
        while true {
            let part: ByteBuffer?
            do { part = try await parts.next() } catch { throw try unreachable }
            guard let part else { break }
            try lines.append(part.readableBytesView)
            while let line = lines.next() { try take(line) }
        }
        if let rest = lines.rest { try take(rest) }
        try Task.checkCancellation()
        guard response.status.isFine else { throw problem(response.status, [], request) }
    }

    private func request(_ method: String, _ path: String, _ body: Data?) throws(Problem) -> HTTPClientRequest {
        guard let url = URL(string: path, relativeTo: base) else { throw Problem.invalid("'\(path)' is no path.") }
        var request = HTTPClientRequest(url: url.absoluteString)
        request.method = HTTPMethod(rawValue: method)
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(Array(body))
        }
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        return request
    }

    /// Why a request failed, unless it is that nobody waits for it any more.
    private var unreachable: Problem {
        get throws {
            try Task.checkCancellation()
            return Problem(
                "unreachable", status: 503, "No node answers at \(base).",
                remedy: "Start one with 'banyan up', or name another with --node or BANYAN_NODE.")
        }
    }

    /// What the node says is wrong.
    private func problem(_ status: HTTPResponseStatus, _ body: [UInt8], _ request: HTTPClientRequest) -> Problem {
        (try? JSONDecoder().decode(Problem.self, from: Data(body)))
            ?? Problem(
                "http-\(status.code)", status: Int(status.code),
                "\(base) answered \(status.code) to \(request.method.rawValue) \(URL(string: request.url)?.path ?? "")."
            )
    }
}

extension HTTPResponseStatus {
    fileprivate var isFine: Bool { (200..<300).contains(code) }
}
