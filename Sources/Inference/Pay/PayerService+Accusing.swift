package import Keys
internal import Ledger
internal import Logging
package import Proofs

extension PayerService {
    package func accuse(_ exchange: Exchange, _ fault: InferenceFault) async -> Digest? {
        guard fault.blamesProvider else { return nil }
        let request = exchange.request.request
        // Only one of the two: the ledger takes no accusation of an answer that is in dispute.
        if request.verification == .fraud, let opening = await disputes?.open(exchange, fault) { return opening }
        let answer = AnswerRecord(exchange)
        let state = await bank.state().0
        let bond = state.bond(for: answer)
        let balance = state.account(account)?.balance ?? .zero
        guard let needed = bond.adding(state.parameters.minimumFee), needed <= balance else {
            logger.warning(
                "a false answer is not accused: the bond and the fee need \(bond), the account has \(balance)",
                metadata: ["provider": "\(request.provider.short)", "job": "\(answer.id.job.short)"])
            return nil
        }
        return await send(.accuse(Accusation(answer: answer, bond: bond)), about: request.provider)
    }

    /// Reports a provider that has signed two receipts for one job.
    package func report(_ first: SignedReceipt, _ second: SignedReceipt) async -> Digest? {
        guard first.contradicts(second), first.hasValidSignature, second.hasValidSignature else { return nil }
        return await send(
            .reportEquivocation(Equivocation(first: first, second: second)), about: first.receipt.worker)
    }

    private func send(_ operation: Operation, about provider: AccountID) async -> Digest? {
        do {
            let id = try await bank.submit(operation)
            logger.info(
                "sent \(operation.name)", metadata: ["provider": "\(provider.short)", "transaction": "\(id.short)"])
            return id
        } catch {
            logger.warning("could not send \(operation.name): \(error)", metadata: ["provider": "\(provider.short)"])
            return nil
        }
    }
}
