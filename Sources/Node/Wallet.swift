package import Chain
package import Keys
package import Ledger

/// Signs this node's operations and hands them to the chain, one nonce after the other.
package actor Wallet {
    private let identity: NodeIdentity
    private let chain: ChainService
    private let genesis: Digest
    private let fee: Amount

    package init(identity: NodeIdentity, chain: ChainService, genesis: Genesis) {
        self.identity = identity
        self.chain = chain
        self.genesis = genesis.digest
        fee = genesis.parameters.minimumFee
    }

    private var isBusy = false
    private var queue: [CheckedContinuation<Void, Never>] = []

    /// Work is signed by the node key, everything else by the account key.
    /// - Parameter noting: is told the id before the chain has the transaction; when it throws, nobody gets it.
    /// - Returns: the transaction's id.
    @discardableResult
    package func submit(
        _ operation: Operation, noting: @Sendable (Digest) async throws -> Void = { _ in }
    ) async throws -> Digest {
        await enter()
        defer { leave() }
        let key = operation.isWork ? identity.node : identity.account
        let transaction = Transaction.sign(
            operation, chain: genesis, sender: identity.accountID, nonce: await chain.nextNonce(of: key.publicKey),
            fee: fee.times(operation.feeUnits, over: 1), with: key)
        try await noting(transaction.id)
        return try await chain.submit(transaction)
    }

    /// One at a time: between asking for a nonce and using it nobody else may.
    private func enter() async {
        guard isBusy else {
            isBusy = true
            return
        }
        await withCheckedContinuation { queue.append($0) }
    }

    private func leave() {
        if queue.isEmpty { isBusy = false } else { queue.removeFirst().resume() }
    }
}
