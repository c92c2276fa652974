package import Keys
package import Proofs
package import Swarm
internal import Transport
internal import Wire

/// Asks providers to show and to open.
package struct AuditClient: Exchanges {
    package enum Failure: Error, Hashable, Sendable {
        /// The provider says that it does not keep the job.
        case unknown
        /// What came is not what was asked for.
        case misbehaved(String)
        case silent(String)
    }

    private let swarm: SwarmService
    private let local: ServeService?
    private let deadline: Duration

    /// - Parameters:
    ///   - local: the provider that this node is itself.
    ///   - deadline: for the whole answer: the provider computes the states again first.
    package init(swarm: SwarmService, local: ServeService? = nil, deadline: Duration = .seconds(120)) {
        self.swarm = swarm
        self.local = local
        self.deadline = deadline
    }

    package func exchange(of job: Digest, from peer: PeerID) async throws(Failure) -> Exchange {
        guard case .exchange(let exchange) = try await ask(.exchange(job: job), peer) else {
            throw .misbehaved("an opening where an exchange was asked for")
        }
        guard exchange.request.request.id == job else { throw .misbehaved("the exchange of another job") }
        return exchange
    }

    package func opening(_ challenge: AuditChallenge, job: Digest, from peer: PeerID) async throws(Failure)
        -> SliceOpening
    {
        guard case .opening(let opening) = try await ask(.opening(job: job, challenge), peer) else {
            throw .misbehaved("an exchange where an opening was asked for")
        }
        return opening
    }

    private func ask(_ question: AuditQuestion, _ peer: PeerID) async throws(Failure) -> AuditReply {
        if peer == swarm.peer, let local {
            do { return try await local.reply(to: question) } catch { throw .silent("\(error)") }
        }
        let bytes: [UInt8]
        do {
            bytes = try await withDeadline(deadline, "an audit by \(peer)") { [swarm, deadline] in
                let stream = try await swarm.open([AuditQuestion.protocolID], to: peer, deadline: deadline)
                defer { stream.reset() }
                let frames = FramedStream(stream)
                try await frames.writeFrame(question.canonicalBytes)
                try await stream.closeWrite()
                var bytes: [UInt8] = []
                while let part = try await frames.readFrame(limit: AuditQuestion.frameLimit) {
                    guard !part.isEmpty, bytes.count + part.count <= question.answerLimit else {
                        throw Failure.misbehaved("more than \(question.answerLimit) bytes, or an empty frame")
                    }
                    bytes += part
                }
                return bytes
            }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw .silent("\(error)")
        }
        let reply: AuditReply
        do { reply = try AuditReply(canonicalBytes: bytes) } catch { throw .misbehaved("\(error)") }
        if reply == .unknown { throw .unknown }
        return reply
    }
}
