package import Hummingbird
package import Logging
import ServiceLifecycle

/// Serves the HTTP API of one node.
package struct GatewayServer: Service {
    /// Seconds after which a connection that says nothing is closed.
    private static let patience: Int64 = 60

    private let configuration: GatewayConfiguration
    private let node: any NodePort
    private let inference: any InferencePort
    private let logger: Logger
    private let onListening: @Sendable (_ port: Int) async -> Void

    /// - Parameter onListening: called once with the port in use, after the socket is bound.
    package init(
        configuration: GatewayConfiguration, node: any NodePort, inference: any InferencePort, logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void
    ) {
        self.configuration = configuration
        self.node = node
        self.inference = inference
        self.logger = logger
        self.onListening = onListening
    }

    package func run() async throws {
        var applicationLogger = logger
        applicationLogger.logLevel = max(logger.logLevel, .warning)
        let application = Application(
            router: router(),
            server: .http1(configuration: .init(idleTimeout: .seconds(Self.patience))),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port), serverName: "banyan"),
            onServerRunning: { [onListening] channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: applicationLogger
        )
        try await application.run()
    }

    /// Every path the API answers.
    package func router() -> Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProblemMiddleware())
        router.add(middleware: HostMiddleware(configuration: configuration))
        if let token = configuration.token { router.add(middleware: TokenMiddleware(token: token)) }
        let version1 = router.group("v1")
        addNodeRoutes(to: version1, node: node)
        addLedgerRoutes(to: version1, node: node, bodyLimit: configuration.bodyLimit)
        addTrainingRoutes(to: version1, node: node, bodyLimit: configuration.bodyLimit)
        addInferenceRoutes(to: version1, inference: inference, bodyLimit: configuration.bodyLimit)
        addMethodRefusals(to: router)
        return router
    }
}
