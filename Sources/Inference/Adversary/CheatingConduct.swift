package import Keys
package import Proofs

/// Signs and shows what a cheater wants others to believe, and says on the cheater's own node when an answer was really false:
/// every answer is compared with what the honest engine gives for it.
package struct CheatingConduct: Conduct {
    /// Hears of each job in which the node has cheated.
    package typealias Telling = @Sendable (_ job: Digest, CheatKind) -> Void

    private let kind: CheatKind
    private let engines: [ModelChoice: any Engine]
    private let key: SigningKey
    private let outsourcing: Outsourcing
    private let tell: Telling

    /// - Parameters:
    ///   - engines: that compute honestly, by what they offer.
    ///   - key: of the node.
    package init(
        _ kind: CheatKind, engines: [any Engine], key: SigningKey, outsourcing: Outsourcing,
        tell: @escaping Telling
    ) {
        self.kind = kind
        self.engines = Dictionary(engines.map { ($0.model.choice, $0) }) { first, _ in first }
        self.key = key
        self.outsourcing = outsourcing
        self.tell = tell
    }

    package func conclude(_ exchange: Exchange) async throws -> Exchange {
        let shown = forged(exchange)
        // Before the client has it: whoever counts cheats knows of this one when the answer comes.
        if let honest = try await honest(exchange), honest != shown { tell(exchange.job, kind) }
        return shown
    }

    package func show(_ exchange: Exchange) async throws -> Exchange {
        switch kind {
        case .selective: throw CancellationError()
        case .equivocation: try await honest(exchange) ?? exchange
        default: exchange
        }
    }

    /// The answer that should have been given.
    private func honest(_ exchange: Exchange) async throws -> Exchange? {
        let request = exchange.request.request
        let choice = ModelChoice(of: request)
        guard let engine = engines[choice] else { return nil }
        let seed = InferenceSeed(job: request.id, by: key)
        let product = try await engine.generate(
            GenerationOrder(request: request, seed: seed.value), into: TokenQueue(limit: .max))
        let receipt = SignedReceipt.sign(
            .answer(product.answer, to: request, transcript: product.transcript, seed: seed.value),
            seedProof: seed.proof, with: key)
        return Exchange(request: exchange.request, answer: product.answer, receipt: receipt)
    }

    private func forged(_ exchange: Exchange) -> Exchange {
        let receipt =
            switch kind {
            case .forgedReceipt: altered(exchange.receipt)
            case .stolenReceipt: outsourcing.takeReceipt(for: exchange.job) ?? exchange.receipt
            default: exchange.receipt
            }
        return Exchange(request: exchange.request, answer: exchange.answer, receipt: receipt)
    }

    /// One part or another, from job to job as their digests fall.
    private func altered(_ signed: SignedReceipt) -> SignedReceipt {
        let honest = signed.receipt
        let lie: Receipt
        switch honest.job.bytes[0] % 4 {
        case 0:
            var bytes = signed.signature.bytes
            bytes[40] ^= 1
            guard let signature = Signature(bytes: bytes) else { return signed }
            return SignedReceipt(receipt: honest, seedProof: signed.seedProof, key: signed.key, signature: signature)
        case 1: lie = honest.with(seed: Digest(of: honest.seed.bytes, domain: "another seed"))
        case 2: lie = honest.with(count: honest.count + 1)
        default: lie = honest.with(worker: AccountID(key.publicKey))
        }
        return .sign(lie, seedProof: signed.seedProof, with: key)
    }
}

extension Receipt {
    fileprivate func with(worker: AccountID? = nil, seed: Digest? = nil, count: UInt32? = nil) -> Receipt {
        Receipt(
            job: job, round: round, worker: worker ?? self.worker, input: input, code: code, seed: seed ?? self.seed,
            checkpoints: checkpoints, count: count ?? self.count, output: output, residual: residual)
    }
}
