internal import Keys
internal import Logging
internal import Proofs
internal import Transport
internal import Wire

/// Answers verifiers: shows exchanges, opens what a challenge draws. Keeps nothing but ``KeptAnswers``; states are computed again.
struct AuditDesk: Sendable {
    let service: ServeService

    /// Serves one stream.
    func answer(_ stream: any MuxedStream) async throws {
        let frames = FramedStream(stream)
        let deadline = service.settings.auditDeadline
        let answer = try await withDeadline(deadline, "an audit") {
            guard let bytes = try await frames.readFrame(limit: AuditQuestion.byteLimit) else {
                throw Refusal(.badRequest, "An audit begins with a question.")
            }
            return try await reply(to: try AuditQuestion(canonicalBytes: bytes)).canonicalBytes
        }
        for start in stride(from: 0, to: answer.count, by: AuditQuestion.frameLimit) {
            let part = Array(answer[start..<min(answer.count, start + AuditQuestion.frameLimit)])
            try await withDeadline(service.settings.writeDeadline, "\(stream.remotePeer) to read") {
                try await frames.writeFrame(part)
            }
        }
    }

    func reply(to question: AuditQuestion) async throws -> AuditReply {
        guard let exchange = try service.kept.record(of: question.job) else { return .unknown }
        switch question {
        case .exchange: return .exchange(try await service.conduct.show(exchange))
        case .opening(_, let challenge):
            let request = exchange.request.request
            let choice = ModelChoice(model: request.model, arithmetic: request.arithmetic)
            guard let engine = service.served[choice]?.engine, let output = challenge.output,
                challenge.receipt == exchange.receipt.receipt.id
            else { throw Refusal(.badRequest, "The challenge is not for a receipt of here.") }
            let draw = SliceDraw(output, layers: engine.rules.layers, answer: exchange.answer.output.count)
            return .opening(try await engine.open(exchange, draw))
        }
    }
}
