import API
import Hummingbird
import Logging

/// Turns every error into `application/problem+json`.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return try answer(problem)
        } catch let error as any HTTPResponseError where error.status == .notFound {
            return try answer(
                .notFound("There is nothing at \(request.uri.path).", remedy: "docs/api.md lists every path."))
        } catch let error as any HTTPResponseError {
            return try answer(
                Problem("refused", status: Int(error.status.code), "\(request.method) \(request.uri.path): \(error)"))
        } catch {
            context.logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            return try answer(Problem("internal", status: 500, "The node failed to answer \(request.uri.path)."))
        }
    }

    private func answer(_ problem: Problem) throws -> Response {
        try json(problem, status: .init(code: problem.status), contentType: "application/problem+json")
    }
}
