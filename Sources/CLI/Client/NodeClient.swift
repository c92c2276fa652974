import API
import Foundation
import FoundationNetworking

/// Speaks the HTTP API of a node.
struct NodeClient: Sendable {
    let base: URL
    let token: String?

    func get<Value: Decodable>(_ path: String, as type: Value.Type = Value.self) async throws -> Value {
        try await decode(send("GET", path, body: nil))
    }

    func post<Value: Decodable>(_ path: String, _ body: some Encodable, as type: Value.Type = Value.self) async throws
        -> Value
    {
        try await decode(send("POST", path, body: try JSONEncoder().encode(body)))
    }

    func bytes(_ path: String) async throws -> [UInt8] { Array(try await send("GET", path, body: nil)) }

    private func decode<Value: Decodable>(_ data: Data) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: data)
        } catch {
            throw Problem(
                "foreign-answer", status: 502, "\(base) answered something that is no \(Value.self).",
                remedy: "Is that address a banyan node of this version?")
        }
    }

    private func send(_ method: String, _ path: String, body: Data?) async throws -> Data {
        let request = try request(method, path, body: body)
        let data: Data
        let response: URLResponse
        try Task.checkCancellation()
        // In a task of its own, which nobody cancels: Foundation for Linux ends the program when a request is cancelled while it begins.
        let exchange = Task { try await URLSession.shared.data(for: request) }
        do { (data, response) = try await exchange.value } catch { throw unreachable }
        try Task.checkCancellation()
        guard let status = (response as? HTTPURLResponse)?.statusCode else { return data }
        guard (200..<300).contains(status) else { throw problem(status, data, request) }
        return data
    }

    /// - Parameter timeout: seconds of silence after which the node counts as gone.
    func request(_ method: String, _ path: String, body: Data?, timeout: Double = 30) throws(Problem) -> URLRequest {
        guard let url = URL(string: path, relativeTo: base) else { throw Problem.invalid("'\(path)' is no path.") }
        var request = URLRequest(url: url, timeoutInterval: timeout)
        request.httpMethod = method
        request.httpBody = body
        if body != nil { request.setValue("application/json", forHTTPHeaderField: "Content-Type") }
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        return request
    }

    var unreachable: Problem {
        Problem(
            "unreachable", status: 503, "No node answers at \(base).",
            remedy: "Start one with 'banyan up', or name another with --node or BANYAN_NODE.")
    }

    /// What the node says is wrong.
    func problem(_ status: Int, _ body: Data, _ request: URLRequest) -> Problem {
        (try? JSONDecoder().decode(Problem.self, from: body))
            ?? Problem(
                "http-\(status)", status: status,
                "\(base) answered \(status) to \(request.httpMethod ?? "GET") \(request.url?.path ?? "").")
    }
}
