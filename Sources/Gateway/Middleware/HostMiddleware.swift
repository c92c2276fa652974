import API
import Hummingbird

/// Refuses requests that name a foreign host: a page of another site must not reach a node on loopback by DNS rebinding,
/// nor by a cross-site request.
struct HostMiddleware<Context: RequestContext>: RouterMiddleware {
    let configuration: GatewayConfiguration

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        if configuration.token == nil {
            let host = hostname(of: request.head.authority ?? "")
            guard GatewayConfiguration.isLoopback(host) else {
                throw Problem("foreign-host", status: 403, "Host '\(host)' is not this node's loopback address.")
            }
            if let origin = request.headers[.origin], !isLoopback(origin: origin) {
                throw Problem("foreign-origin", status: 403, "Pages of '\(origin)' may not use this node.")
            }
        }
        return try await next(request, context)
    }

    private func hostname(of authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        return String(authority.prefix { $0 != ":" })
    }

    private func isLoopback(origin: String) -> Bool {
        guard let scheme = origin.firstRange(of: "://") else { return false }
        return GatewayConfiguration.isLoopback(hostname(of: String(origin[scheme.upperBound...])))
    }
}
