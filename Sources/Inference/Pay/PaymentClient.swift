package import Keys
package import Proofs
package import Swarm
internal import Transport

/// Reaches providers outside of a question: to hand over a voucher, or to look up an answer.
package struct PaymentClient: Sendable {
    private static let deadline: Duration = .seconds(10)

    private let swarm: SwarmService
    private let audits: AuditClient

    package init(swarm: SwarmService, audits: AuditClient) {
        self.swarm = swarm
        self.audits = audits
    }

    package func exchange(of job: Digest, from peer: PeerID) async throws -> Exchange? {
        do throws(AuditClient.Failure) { return try await audits.exchange(of: job, from: peer) } catch {
            if case .unknown = error { return nil }
            throw error
        }
    }

    package func isConnected(_ peer: PeerID) async -> Bool { await swarm.connectedPeers.contains(peer) }

    package func deliver(_ voucher: [UInt8], to peer: PeerID) async throws {
        try await withDeadline(Self.deadline, "\(peer) to take a voucher") { [swarm] in
            let stream = try await swarm.open([InferenceMessage.protocolID], to: peer, deadline: Self.deadline)
            defer { stream.reset() }
            let frames = FramedStream(stream)
            try await frames.writeFrame(InferenceMessage.voucher(voucher).bytes)
            switch try await frames.readFrame(limit: InferenceMessage.answerLimit).map({
                try InferenceMessage(bytes: $0)
            }) {
            case .paid: return
            case .refused(let refusal): throw refusal
            default: throw AttemptFailure.misbehaved("a voucher is answered by something else than its receipt")
            }
        }
    }
}
