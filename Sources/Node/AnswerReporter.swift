import API
import Inference
import ServiceLifecycle

/// Turns what a provider does into ``NodeEvent``s.
struct AnswerReporter: Service {
    let serve: ServeService?
    let tell: NodeEvents

    func run() async throws {
        await cancelWhenGracefulShutdown {
            guard let serve = self.serve else { return await Self.untilCancelled() }
            for await event in await serve.events() { self.report(event) }
        }
    }

    private func report(_ event: ServeEvent) {
        switch event {
        case .answered(let answered):
            tell(
                .served(
                    .init(
                        request: "\(answered.job)", client: "\(answered.client)",
                        promptTokens: answered.promptTokens, outputTokens: answered.tokens,
                        price: String(answered.price), seconds: answered.time / .seconds(1))))
        case .abandoned(let job, let tokens): tell(.abandoned(.init(request: "\(job)", outputTokens: tokens)))
        case .asked, .refused, .paid: break
        }
    }

    /// A service that returns ends the node.
    private static func untilCancelled() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        for await _ in stream {}
        continuation.finish()
    }
}
