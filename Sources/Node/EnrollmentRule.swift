import Keys
package import Ledger

/// What an account still lacks to do the work it wants to do.
package struct EnrollmentRule: Sendable {
    /// 30 days in seconds: a certificate is renewed when less of its life is left.
    package static let renewal: UInt64 = 30 * 24 * 60 * 60

    private let identity: NodeIdentity
    private let trains: Bool

    /// - Parameter trains: whether the account joins training jobs as they are posted.
    package init(identity: NodeIdentity, trains: Bool) {
        self.identity = identity
        self.trains = trains
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
        guard trains, !account.isBanned else { return nil }
        let parameters = state.parameters
        for id in state.openJobs {
            guard let record = state.job(id), record.phase == .gathering, !record.trainers.contains(identity.accountID),
                record.trainers.count < Int(record.job.trainers)
            else { continue }
            guard account.stake < record.job.minimumStake else { return .joinJob(id) }
            let wanted = max(record.job.minimumStake, parameters.memberStake)
            let missing = Amount(seeds: wanted.seeds - account.stake.seeds)
            // The fee is taken first; what is left must cover the stake.
            if account.balance.seeds - parameters.minimumFee.seeds >= missing.seeds { return .stake(missing) }
        }
        return nil
    }
}
