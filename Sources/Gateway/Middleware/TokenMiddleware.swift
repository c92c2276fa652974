import API
import Hummingbird

/// Demands `Authorization: Bearer <token>`.
struct TokenMiddleware<Context: RequestContext>: RouterMiddleware {
    let token: String

    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let header = request.headers[.authorization], isExpected(header) else {
            throw Problem(
                "unauthorized", status: 401, "This node's API needs a token.",
                remedy: "Send 'Authorization: Bearer <token>', or set BANYAN_API_TOKEN.")
        }
        return try await next(request, context)
    }

    /// Compares in a time that depends on the lengths only.
    private func isExpected(_ header: String) -> Bool {
        let given = Array(header.utf8)
        let expected = Array("Bearer \(token)".utf8)
        guard given.count == expected.count else { return false }
        return zip(given, expected).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
