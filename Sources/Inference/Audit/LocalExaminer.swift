package import Keys
package import Proofs

/// Checks answers with the engines of this machine.
package struct LocalExaminer: Examiner {
    private let engines: any Engines
    private let client: AuditClient
    private let key: SigningKey

    /// - Parameter key: draws what a provider has to open.
    package init(engines: any Engines, client: AuditClient, key: SigningKey) {
        self.engines = engines
        self.client = client
        self.key = key
    }

    package func examine(_ exchange: Exchange, _ depth: Examination.Depth) async -> Examination {
        let request = exchange.request.request
        if depth == .receipt { return exchange.faultWithoutModel.map { .failed($0) } ?? .passed(.receipt) }
        let choice = ModelChoice(of: request)
        let engine: any Engine
        do { engine = try await engines.engine(for: choice) } catch {
            return .impossible("the model \(choice.model.short)… is not on this machine: \(error)")
        }
        if let fault = exchange.fault(under: engine.rules) { return .failed(fault) }
        switch depth {
        case .receipt, .slice: return await examineSlice(exchange, engine)
        case .full: return Self.examination(await engine.check(exchange, auditSeed: nil).outcome, .full)
        }
    }

    private func examineSlice(_ exchange: Exchange, _ engine: any Engine) async -> Examination {
        let request = exchange.request.request
        let challenge = AuditChallenge(receipt: exchange.receipt.receipt.id, by: key)
        guard let output = challenge.output else { return .impossible("the challenge could not be drawn") }
        let draw = SliceDraw(output, layers: engine.rules.layers, answer: exchange.answer.output.count)
        do throws(AuditClient.Failure) {
            let opening = try await client.opening(challenge, job: request.id, from: PeerID(request.node))
            return Self.examination(
                await engine.check(exchange, opening: opening, draw: draw), .slice, layer: draw.layer)
        } catch {
            return .withheld("\(error)")
        }
    }

    private static func examination(
        _ outcome: AnswerVerifier.Outcome, _ depth: Examination.Depth, layer: Int? = nil
    ) -> Examination {
        switch outcome {
        case .correct: .passed(depth, layer: layer)
        case .faulty(let fault): .failed(fault)
        case .unable(let inability): .impossible("\(inability)")
        }
    }
}
