import Gateway
import Logging
import ServiceLifecycle
import Testing

/// A gateway on a port of loopback that the system chose.
struct RunningGateway: Sendable {
    let port: Int
    private let group: ServiceGroup

    /// Starts a gateway, calls `body`, ends it in good order, and returns when nothing of it is left.
    static func run(
        token: String? = nil, bodyLimit: Int? = nil, node: FakeNode = FakeNode(),
        _ body: @escaping @Sendable (RunningGateway) async throws -> Void
    ) async throws {
        var configuration = try GatewayConfiguration(host: "127.0.0.1", port: 0, token: token)
        if let bodyLimit { configuration.bodyLimit = bodyLimit }
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "gateway")
        logger.logLevel = .critical
        let server = GatewayServer(
            configuration: configuration, node: node, inference: FakeInference(), logger: logger
        ) { found.yield($0) }
        let group = ServiceGroup(services: [server], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { found.finish() }
                try await group.run()
            }
            if let port = await ports.first(where: { _ in true }) {
                do { try await body(RunningGateway(port: port, group: group)) } catch {
                    await group.triggerGracefulShutdown()
                    throw error
                }
                await group.triggerGracefulShutdown()
            } else {
                Issue.record("the gateway does not listen")
            }
            try await tasks.waitForAll()
        }
    }

    func end() async { await group.triggerGracefulShutdown() }

    /// One request on a connection of its own. `host` nil leaves the header out.
    func send(
        _ method: String, _ path: String, body: String? = nil, host: String? = "127.0.0.1", headers: [String] = []
    ) async throws -> Answer {
        try #require(
            try await Connection(port: port).exchange(
                Self.request(method, path, body: body, host: host, headers: headers + ["Connection: close"])))
    }

    static func request(
        _ method: String, _ path: String, body: String? = nil, host: String? = "127.0.0.1", headers: [String] = []
    ) -> String {
        var lines = ["\(method) \(path) HTTP/1.1"]
        if let host { lines.append("Host: \(host)") }
        lines += headers
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
    }
}
