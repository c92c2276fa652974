internal import Keys

extension HeightMachine {
    /// Counts each vote; then, when the certificate proves a quorum for a block, also those votes that contradict what
    /// their voters told us first.
    mutating func take(_ certificate: RoundCertificate, _ effects: inout [Effect]) {
        guard certificate.height == height else {
            effects.append(.reject(.wrongHeight(certificate.height)))
            return
        }
        if let stranger = certificate.votes.first(where: { validators.index(of: $0.vote.voter) == nil }) {
            effects.append(.reject(.stranger(stranger.vote.voter)))
            return
        }
        for signed in certificate.votes { take(signed, &effects) }
        guard isInWindow(certificate.round) else { return }
        for kind in Vote.Kind.allCases {
            guard let block = certificate.blockWithQuorum(kind, in: validators) else { continue }
            var claim: [Int: SignedVote] = [:]
            for signed in certificate.votes where signed.vote.kind == kind && signed.vote.block == block {
                if let index = validators.index(of: signed.vote.voter) { claim[index] = signed }
            }
            switch kind {
            case .prevote: logs[certificate.round, default: RoundLog(validators)].prevotes.adopt(claim, for: block)
            case .precommit: logs[certificate.round, default: RoundLog(validators)].precommits.adopt(claim, for: block)
            }
        }
    }
}

extension RoundCertificate {
    /// The block for which these votes of one kind are more than two thirds of the power.
    func blockWithQuorum(_ kind: Vote.Kind, in set: ValidatorSet) -> Digest? {
        var power: [Digest: UInt64] = [:]
        for signed in votes where signed.vote.kind == kind {
            guard let block = signed.vote.block else { continue }
            power[block, default: 0] += set.power(of: signed.vote.voter)
        }
        // At most one block has more than two thirds, as each voter is here once a kind.
        return power.first { Quorum.holds($0.value, of: set.totalPower) }?.key
    }
}
