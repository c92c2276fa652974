internal import Keys
internal import Logging
internal import Proofs
internal import Synchronization
internal import Transport

/// What follows the receipt: the check, the payment, or the accusation.
extension ProviderRequest {
    /// Makes the receipt of the answer, checks both, and tells the machine.
    func examine(_ answer: Answer, _ seal: ReceiptSeal, _ depth: Examination.Depth) async {
        guard
            let receipt = state.withLock(\.seed).flatMap({ seal.receipt(for: answer, to: request.request, seed: $0) })
        else {
            state.withLock { $0.owes = false }
            return await mailbox.send(.failed(index, .unsigned(by: candidate.account)))
        }
        let exchange = Exchange(request: request, answer: answer, receipt: receipt)
        state.withLock { $0.exchange = exchange }
        let start = ContinuousClock.now
        let examination = await service.examiner.examine(exchange, depth)
        let isGood =
            switch examination {
            case .passed, .impossible: true
            case .failed, .withheld: false
            }
        state.withLock { state in
            state.examinationTime = start.duration(to: .now)
            state.owes = isGood
        }
        await mailbox.send(.examined(index, examination))
    }

    /// Sends what the answer costs and says good-bye. What goes wrong here is settled by the ledger, not by asking again.
    func pay() async {
        guard let exchange, let frames = state.withLock(\.frames) else { return }
        await service.change(candidate.peer) { $0.noteSuccess() }
        let seeds = exchange.price
        do {
            if seeds > 0, let settlement = service.settlement {
                let voucher = try await settlement.voucher(for: exchange, seeds: seeds)
                state.withLock { $0.payment = voucher }
                let reply = try await withDeadline(
                    service.settings.paymentDeadline, "\(candidate.peer) to take its payment"
                ) {
                    try await frames.writeFrame(InferenceMessage.voucher(voucher).bytes)
                    return try await frames.readFrame(limit: InferenceMessage.answerLimit)
                }
                switch try reply.map({ try InferenceMessage(bytes: $0) }) {
                case .paid: await settlement.acknowledged(voucher)
                case .refused(let refusal): throw refusal
                default: throw AttemptFailure.misbehaved("a payment is answered by something else")
                }
            }
            try await withDeadline(service.settings.paymentDeadline, "\(candidate.peer) to read") {
                try await frames.stream.closeWrite()
            }
        } catch {
            service.logger.info(
                "a payment was not acknowledged",
                metadata: ["provider": "\(candidate.account.short)", "seeds": "\(seeds)", "error": "\(error)"])
        }
    }

    /// - Returns: the transaction that accuses the provider.
    func accuse(_ fault: InferenceFault) async -> Digest? {
        guard let exchange else { return nil }
        return await service.settlement?.accuse(exchange, fault)
    }

    /// The question is over, however it ended.
    func close() async {
        abandon()
        guard candidate.pricePerToken > 0 else { return }
        await service.settlement?.release(request.request.id, owes: state.withLock(\.owes))
    }
}
