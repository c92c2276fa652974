import Keys
package import Ledger

/// What an account still lacks to do the work it wants to do.
package struct EnrollmentRule: Sendable {
    /// 30 days in seconds: a certificate is renewed when less of its life is left.
    package static let renewal: UInt64 = 30 * 24 * 60 * 60

    private let identity: NodeIdentity
    private let trains: Bool
    private let stake: Amount?
    private let audits: Bool

    /// - Parameters:
    ///   - trains: whether the account joins training jobs as they are posted.
    ///   - stake: what the account shall have at stake once it has the money; what it loses is made up for.
    ///   - audits: whether the account can be drawn to audit answers, once its stake allows it.
    package init(identity: NodeIdentity, trains: Bool, stake: Amount? = nil, audits: Bool = false) {
        self.identity = identity
        self.trains = trains
        self.stake = stake
        self.audits = audits
    }

    /// Takes the account off the list that audits are drawn from; nil when it is not there.
    package func leave(_ state: State) -> Operation? {
        state.auditors.contains(identity.accountID) ? .volunteer(false) : nil
    }

    /// One thing at a time; nil when nothing is missing, or there is no money for it.
    /// - Parameter time: in Unix seconds.
    package func next(in state: State, time: UInt64) -> Operation? {
        guard let account = state.account(identity.accountID), account.balance > state.parameters.minimumFee else {
            return nil
        }
        if account.node?.node != identity.node.publicKey || (account.node?.expires ?? 0) < time + Self.renewal {
            return .registerNode(.issue(by: identity.account, for: identity.node.publicKey, issued: time))
        }
        guard !account.isBanned else { return nil }
        let parameters = state.parameters
        if let stake, account.stake < max(stake, parameters.memberStake),
            let operation = self.stake(max(stake, parameters.memberStake), of: account, parameters)
        {
            return operation
        }
        if let operation = volunteering(account, in: state) { return operation }
        guard trains else { return nil }
        for id in state.openJobs {
            guard let record = state.job(id), record.phase == .gathering, !record.trainers.contains(identity.accountID),
                record.trainers.count < Int(record.job.trainers)
            else { continue }
            guard account.stake < record.job.minimumStake else { return .joinJob(id) }
            let wanted = max(record.job.minimumStake, parameters.memberStake)
            if let operation = self.stake(wanted, of: account, parameters) { return operation }
        }
        return nil
    }

    /// On the list when it audits, and off it when it does not: who is drawn and says nothing is punished.
    private func volunteering(_ account: Account, in state: State) -> Operation? {
        guard audits else { return leave(state) }
        guard account.stake >= state.parameters.answers.providerStake, !state.auditors.contains(identity.accountID)
        else { return nil }
        return .volunteer(true)
    }

    /// Adds what is missing, if there is money for it: the fee is taken first, what is left must cover the stake.
    private func stake(_ wanted: Amount, of account: Account, _ parameters: Parameters) -> Operation? {
        let missing = wanted - account.stake
        return account.balance - parameters.minimumFee >= missing ? .stake(missing) : nil
    }
}
