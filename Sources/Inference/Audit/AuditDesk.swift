internal import Keys
internal import Ledger
internal import Proofs
internal import ServiceLifecycle
package import Swarm
internal import Transport
internal import Wire

/// Answers verifiers: shows exchanges, opens what a challenge draws, to those who may see them.
///
/// A node shows what it has answered, and to the members of an audit also what it has been answered: a provider that is away, or hides,
/// does not decide what a committee knows. Until an answer is on the ledger its job's digest is known to its two sides only; from then
/// on the question may be read by the members of its audit, by its client's node, and by the peer that has asked it.
package struct AuditDesk: Service {
    /// From the question of a verifier to the answer being computed.
    private static let deadline: Duration = .seconds(120)
    /// From one frame of ours to the peer's window having taken it.
    private static let writeDeadline: Duration = .seconds(30)
    /// Streams that one peer may have open.
    private static let streamsPerPeer = 8

    private let swarm: SwarmService
    private let serve: ServeService?
    private let receipts: KeptAnswers<HeldReceipt>
    private let readers: any AuditReaders

    /// - Parameters:
    ///   - serve: nil when this node answers nobody.
    ///   - receipts: what this node has been answered.
    package init(
        swarm: SwarmService, serve: ServeService?, receipts: KeptAnswers<HeldReceipt>, readers: any AuditReaders
    ) {
        self.swarm = swarm
        self.serve = serve
        self.receipts = receipts
        self.readers = readers
    }

    /// Answers until graceful shutdown or cancellation.
    package func run() async throws {
        open()
        try? await gracefulShutdown()
        swarm.removeHandler(AuditQuestion.protocolID)
    }

    /// Answers from now on.
    package func open() {
        swarm.handle(AuditQuestion.protocolID, perPeer: Self.streamsPerPeer) { stream in try await answer(stream) }
    }

    private func answer(_ stream: any MuxedStream) async throws {
        let frames = FramedStream(stream)
        let answer = try await withDeadline(Self.deadline, "an audit") {
            guard let bytes = try await frames.readFrame(limit: AuditQuestion.byteLimit) else {
                throw Refusal(.badRequest, "An audit begins with a question.")
            }
            return try await reply(to: try AuditQuestion(canonicalBytes: bytes), stream.remotePeer).canonicalBytes
        }
        for start in stride(from: 0, to: answer.count, by: AuditQuestion.frameLimit) {
            let part = Array(answer[start..<min(answer.count, start + AuditQuestion.frameLimit)])
            try await withDeadline(Self.writeDeadline, "\(stream.remotePeer) to read") {
                try await frames.writeFrame(part)
            }
        }
    }

    private func reply(to question: AuditQuestion, _ peer: PeerID) async throws -> AuditReply {
        if let serve, let exchange = try serve.kept.record(of: question.job) {
            let client = exchange.request.request.client
            let isAsker = serve.askers.asked(question.job, peer)
            if !isAsker, await readers.access(of: peer, to: exchange.receipt.answer, of: client) == .stranger {
                return .unknown
            }
            return try await serve.reply(to: question)
        }
        guard case .exchange = question, let exchange = try receipts.record(of: question.job)?.exchange else {
            return .unknown
        }
        let client = exchange.request.request.client
        let access = await readers.access(of: peer, to: exchange.receipt.answer, of: client)
        return access == .member ? .exchange(exchange) : .unknown
    }
}

extension ServeService {
    /// What a verifier may see of an answer of here. States are computed again.
    nonisolated func reply(to question: AuditQuestion) async throws -> AuditReply {
        guard let exchange = try kept.record(of: question.job) else { return .unknown }
        switch question {
        case .exchange: return .exchange(try await conduct.show(exchange))
        case .opening(_, let challenge):
            let request = exchange.request.request
            let choice = ModelChoice(of: request)
            guard let engine = served[choice]?.engine, let output = challenge.output,
                challenge.receipt == exchange.receipt.receipt.id
            else { throw Refusal(.badRequest, "The challenge is not for a receipt of here.") }
            let draw = SliceDraw(output, layers: engine.rules.layers, answer: exchange.answer.output.count)
            return .opening(try await engine.open(exchange, draw))
        }
    }
}
