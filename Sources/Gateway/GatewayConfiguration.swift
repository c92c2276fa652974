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

        package var description: String {
            switch self {
            case .openToTheWorld(let host):
                """
                The HTTP API would listen on '\(host)', which others can reach, without a token.
                Set one with --api-token or BANYAN_API_TOKEN, or listen on 127.0.0.1.
                """
            }
        }
    }

    /// - Throws: ``Refusal/openToTheWorld(host:)`` for an address others can reach without a token.
    package init(host: String, port: Int, token: String?) throws(Refusal) {
        guard token != nil || Self.isLoopback(host) else { throw .openToTheWorld(host: host) }
        self.host = host
        self.port = port
        self.token = token
    }

    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
}
