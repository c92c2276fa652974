/// Where the HTTP API listens and who may use it.
package struct GatewayConfiguration: Hashable, Sendable {
    package var host: String
    /// 0 lets the system choose.
    package var port: Int
    /// Demanded as `Authorization: Bearer …`. Nil is allowed on a loopback address only.
    package var token: String?
    /// In bytes. 16 MiB: a model of two million parameters as hexadecimal.
    package var bodyLimit = 16 << 20

    package enum Refusal: Error, Hashable, CustomStringConvertible {
        case openToTheWorld(host: String)
        case emptyToken

        package var description: String {
            switch self {
            case .openToTheWorld(let host):
                """
                The HTTP API would listen on '\(host)', which others can reach, without a token.
                Set one with --api-token or BANYAN_API_TOKEN, or listen on 127.0.0.1.
                """
            case .emptyToken: "The token of the HTTP API is empty. Give it one that nobody can guess."
            }
        }
    }

    /// - Throws: ``Refusal/openToTheWorld(host:)`` for an address others can reach without a token.
    package init(host: String, port: Int, token: String?) throws(Refusal) {
        guard token?.isEmpty != true else { throw .emptyToken }
        guard token != nil || Self.isLoopback(host) else { throw .openToTheWorld(host: host) }
        self.host = host
        self.port = port
        self.token = token
    }

    /// Whether nobody but this machine is meant: a name such as `127.0.0.1.example.org` may lead anywhere.
    static func isLoopback(_ host: String) -> Bool {
        if host == "::1" || host.lowercased() == "localhost" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { part in
                part.utf8.count <= 3 && part.utf8.allSatisfy { (48...57).contains($0) } && UInt8(part) != nil
            }
    }
}
