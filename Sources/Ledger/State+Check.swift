internal import Keys

extension State {
    /// Whether a block on top of this state may hold the transaction.
    /// - Parameters:
    ///   - pending: transactions of the same signer that come before it.
    ///   - verifiedSignature: the caller has verified the signature before.
    package func check(
        _ transaction: Transaction, pendingBefore pending: Int = 0, verifiedSignature: Bool = false
    ) throws(Rejection) {
        try check(
            transaction, nonce: nextNonce(of: transaction.signer) &+ UInt64(pending),
            account: account(transaction.sender) ?? Account(), minimumFee: parameters.minimumFee,
            time: nil, verifiedSignature: verifiedSignature)
    }

    /// The rules of admission, cheapest first.
    /// - Parameter time: of the block, in milliseconds since 1970; nil before there is one, when an expired node key is not told.
    func check(
        _ transaction: Transaction, nonce: UInt64, account: Account, minimumFee: Amount, time: UInt64?,
        verifiedSignature: Bool
    ) throws(Rejection) {
        guard transaction.chain == chain else { throw .wrongChain(transaction.chain) }
        guard transaction.nonce == nonce else { throw .nonce(transaction.nonce, expected: nonce) }
        let minimum = minimumFee.times(transaction.operation.feeUnits, over: 1)
        guard transaction.fee >= minimum else { throw .fee(transaction.fee, minimum: minimum) }
        guard account.balance >= transaction.fee else { throw .balance(account.balance, needed: transaction.fee) }
        let isRoot = transaction.signer == transaction.sender.key
        let isNode = transaction.operation.isWork && account.isNode(transaction.signer, at: time)
        guard isRoot || isNode else { throw .signer(transaction.signer) }
        guard verifiedSignature || transaction.hasValidSignature else { throw .signature }
    }
}
