import API
import Hummingbird

/// Answers 405, with the methods that are allowed, where a path exists but not for the method (RFC 9110 section 15.5.6).
///
/// Call after the last route was added.
func addMethodRefusals(to router: Router<BasicRequestContext>) {
    let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
    var allowed: [String: [HTTPRequest.Method]] = [:]
    for route in router.routes { allowed[route.path.description, default: []].append(route.method) }
    for (path, methodsWithRoute) in allowed.sorted(by: { $0.key < $1.key }) {
        // The router answers HEAD wherever it answers GET.
        let known = methodsWithRoute.contains(.get) ? methodsWithRoute + [.head] : methodsWithRoute
        let names = known.map(\.rawValue).sorted().joined(separator: ", ")
        for method in methods where !known.contains(method) {
            router.on(RouterPath(path), method: method) { request, _ in
                let problem = Problem(
                    "wrong-method", status: 405, "\(request.uri.path) does not answer \(request.method).",
                    remedy: "It answers \(names).")
                var response = try json(problem, status: .methodNotAllowed, contentType: "application/problem+json")
                response.headers[.allow] = names
                return response
            }
        }
    }
}
