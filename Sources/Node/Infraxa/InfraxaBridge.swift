import API
import Chain
import Foundation
import Inference
import Keys
import Models
import Proofs
import ServiceLifecycle
import Swarm
import Transport
import Wire

/// Answers programs that speak `/infraxa/inference/1.0.0`, with the models that this node serves.
///
/// The node asks itself on their behalf, since their requests are not signed: only what is free is answered. The transcript of that
/// protocol binds each token to the logits it was drawn from; it cannot show that the logits are the model's. What shows it, the
/// receipt, goes along in `proof_data`.
struct InfraxaBridge: Service {
    /// From opening the stream to the whole message, and from our answer to the peer having taken it.
    private static let patience: Duration = .seconds(30)
    private static let answerDeadline: Duration = .seconds(300)
    private static let meaning =
        "Each leaf binds a token to the log-probabilities it was drawn from. That these are the model's, this form cannot show: "
        + "check the receipt with 'banyan receipt verify --model', which computes the answer again."

    let inference: GatewayInference
    let identity: NodeIdentity
    let swarm: SwarmService
    private let jobs = InfraxaJobs()

    init(inference: GatewayInference, identity: NodeIdentity, swarm: SwarmService) {
        self.inference = inference
        self.identity = identity
        self.swarm = swarm
    }

    func run() async throws {
        swarm.handle(InfraxaMessage.protocolID, perPeer: 4) { stream in try await converse(stream) }
        try? await gracefulShutdown()
        swarm.removeHandler(InfraxaMessage.protocolID)
    }

    // MARK: One stream

    private func converse(_ stream: any MuxedStream) async throws {
        let bytes = try await withDeadline(Self.patience, "a message of \(stream.remotePeer)") {
            try await read(stream)
        }
        let answer: InfraxaMessage
        do {
            let message = try JSONDecoder().decode(InfraxaMessage.self, from: Data(bytes))
            answer = try await withDeadline(Self.answerDeadline, "an answer") {
                await reply(to: message, of: stream.remotePeer)
            }
        } catch let error as DecodingError {
            answer = .failure(.init("UNKNOWN_MESSAGE", "The message does not read as one of this protocol: \(error)"))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let encoded = [UInt8](try encoder.encode(answer))
        try await withDeadline(Self.patience, "\(stream.remotePeer) to read") { try await stream.write(encoded) }
    }

    /// One JSON object; what is behind it does not matter.
    private func read(_ stream: any MuxedStream) async throws -> [UInt8] {
        var (bytes, end): ([UInt8], MessageEnd) = ([], MessageEnd())
        while bytes.count <= InfraxaMessage.limit {
            let part = try await stream.read()
            guard !part.isEmpty, let isWhole = end.isReached(by: part) else { throw TransportError.malformedFrame }
            bytes += part
            if isWhole { return bytes }
        }
        throw TransportError.frameTooLong(length: UInt64(bytes.count), limit: InfraxaMessage.limit)
    }

    private func reply(to message: InfraxaMessage, of peer: PeerID) async -> InfraxaMessage {
        do {
            switch message {
            case .request(let request): return .response(try await answer(request, of: peer))
            case .challenge(let challenge): return .proof(try await prove(challenge, to: peer))
            case .query(let query): return .list(await providers(query))
            case .heartbeat:
                let time = Double(Chain.WallClock.milliseconds()) / 1000
                return .heartbeat(.init(peer_id: "\(swarm.peer)", timestamp: time, active_jobs: nil))
            case .response, .proof, .list, .failure:
                return .failure(.init("UNKNOWN_MESSAGE", "A provider is not sent this message."))
            }
        } catch let failure as InfraxaMessage.Failure {
            return .failure(failure)
        } catch {
            return .failure(.init("INTERNAL_ERROR", "\(error)"))
        }
    }

    // MARK: Answers

    private func answer(_ request: InfraxaMessage.Request, of peer: PeerID) async throws -> InfraxaMessage.Response {
        func failure(_ why: String) -> InfraxaMessage.Failure {
            .init("INFERENCE_FAILED", why, job: request.job_id)
        }
        let inquiry: Inquiry
        do throws(Problem) { inquiry = try await self.inquiry(request) } catch { throw failure(error.detail) }
        let result: AskResult
        do { result = try await inference.service.ask(inquiry) { _ in } } catch let error as AskFailure {
            throw failure(Problem(error).detail)
        }
        let nonce = request.nonce ?? Hex.encode(SecureRandom.bytes(16))
        let exchange = result.exchange
        let tree = InfraxaTree(try await leaves(exchange, nonce))
        jobs.keep(.init(exchange: exchange, nonce: nonce), named: request.job_id, of: peer)
        let output = InfraxaHash.output(exchange.answer.output)
        let model = "\(inquiry.choice.model)"
        let signed = InfraxaHash.signed(root: tree.root, output: output, job: request.job_id, model: model)
        return InfraxaMessage.Response(
            job_id: request.job_id, output_tokens: exchange.answer.output, output_hash: output,
            transcript_root: tree.root, provider_model_hash: model,
            signature: Hex.encode(identity.node.signRaw(Array(signed.utf8)).bytes), proof_type: "merkle",
            proof_data: .init(
                receipt: Hex.encode(exchange.canonicalBytes), provider: "\(identity.accountID)",
                public_key: Hex.encode(identity.node.publicKey.bytes), signature_algorithm: "ed25519", nonce: nonce,
                total_steps: exchange.answer.output.count, meaning: Self.meaning))
    }

    private func inquiry(_ request: InfraxaMessage.Request) async throws(Problem) -> Inquiry {
        let modes = ["merkle": "merkle", "fraud_proof": "fraud", "none": "none", "zk_snark": "zk"]
        let mode = request.verification_mode ?? "merkle"
        guard let verification = modes[mode] else { throw .invalid("verification_mode is '\(mode)'.") }
        let system = request.prompt.system.map { [Question.Message(role: "system", content: $0)] } ?? []
        let wish = request.determinism
        let question = Question(
            model: request.model, messages: system + request.prompt.messages,
            maximumTokens: wish?.max_tokens ?? 256, temperature: wish?.temperature ?? 0, topK: wish?.top_k ?? 0,
            topP: wish?.top_p ?? 1, minP: wish?.min_p ?? 0, verification: verification, check: .none,
            maximumPrice: "0", provider: "\(identity.accountID)")
        return try await inference.inquiry(question, try await inference.models.entry(question.model))
    }

    private func providers(_ query: InfraxaMessage.Query) async -> InfraxaMessage.List {
        let mode = query.verification_mode.map { $0 == "fraud_proof" ? "fraud" : $0 }
        var found: [InfraxaMessage.List.Provider] = []
        for report in await inference.providers() {
            let offers = report.offers.filter { offer in
                (query.model.map { $0 == offer.name || $0 == offer.model } ?? true)
                    && (mode.map(offer.verification.contains) ?? true)
            }
            let reputation = Double(report.reputationLevel) / 3
            guard !offers.isEmpty, reputation >= query.min_reputation ?? 0 else { continue }
            let modes = Set(offers.flatMap(\.verification)).map { $0 == "fraud" ? "fraud_proof" : $0 }
            found.append(
                .init(
                    peer_id: report.peer, models: offers.map(\.name),
                    model_hashes: Dictionary(offers.map { ($0.name, $0.model) }) { first, _ in first },
                    verification_modes: modes.sorted(), reputation: reputation,
                    stake: (Double(report.stake) ?? 0) / 1e9))
        }
        return .init(providers: found)
    }

    // MARK: Steps

    private func leaves(_ exchange: Exchange, _ nonce: String) async throws -> [String] {
        var leaves: [String] = []
        for (step, logits) in try await logits(exchange, Array(exchange.answer.output.indices)).enumerated() {
            leaves.append(
                InfraxaHash.leaf(
                    step: step, input: input(exchange, step, nonce), logits: logits.hash,
                    token: exchange.answer.output[step], nonce: nonce))
        }
        return leaves
    }

    private func input(_ exchange: Exchange, _ step: Int, _ nonce: String) -> String {
        InfraxaHash.input(exchange.request.request.prompt + exchange.answer.output.prefix(step), nonce: nonce)
    }

    private func logits(_ exchange: Exchange, _ steps: [Int]) async throws -> [InfraxaLogits] {
        let choice = ModelChoice(of: exchange.request.request)
        return try await inference.models.batchedEngine(for: choice).map(exchange, steps) {
            InfraxaLogits(logProbabilities($0))
        }
    }

    private func prove(_ challenge: InfraxaMessage.Challenge, to peer: PeerID) async throws -> InfraxaMessage.Proof {
        guard let job = jobs.job(challenge.job_id, of: peer) else {
            throw InfraxaMessage.Failure("JOB_NOT_FOUND", "The job is not kept here.", job: challenge.job_id)
        }
        let output = job.exchange.answer.output
        let steps = challenge.challenge_steps
        guard (1...16).contains(steps.count), steps.allSatisfy(output.indices.contains) else {
            throw InfraxaMessage.Failure(
                "AUDIT_FAILED", "A challenge is of 1 to 16 steps from 0 to \(output.count - 1).", job: challenge.job_id)
        }
        let logits = try await logits(job.exchange, steps)
        // In base 64; the rest of a proof is small.
        guard logits.reduce(0, { $0 + $1.bytes.count }) < InfraxaMessage.limit / 3 * 2 else {
            throw InfraxaMessage.Failure(
                "AUDIT_FAILED", "So many steps do not fit into a message; challenge fewer.", job: challenge.job_id)
        }
        let tree = InfraxaTree(try await leaves(job.exchange, job.nonce))
        return InfraxaMessage.Proof(
            job_id: challenge.job_id,
            proofs: zip(steps, logits).map { step, logits in
                .init(
                    t: step, prestate_hash: input(job.exchange, step, job.nonce),
                    logits_q: Data(logits.bytes).base64EncodedString(), next_token: output[step],
                    auth_path: tree.path(of: step).map { [$0.hash, $0.isLeft ? "left" : "right"] })
            })
    }
}

extension InfraxaMessage.Failure: Error {}
