internal import Consensus
internal import Keys
internal import Wire

// Rules K1–K7: one signature a step, remembered on the disk before it leaves; and none at all by a key of which this node does not
// know what it signed before.

extension ValidatorMachine {
    /// Signs through the signer's memory, writes it to the journal, and only then sends.
    /// - Returns: the signed message, to be counted like any other; nil when it may not be signed, or while replaying.
    mutating func sign(_ wish: SigningWish, at now: UInt64) -> OwnMessage? {
        guard !isReplaying else {
            unsigned.append(wish)
            return nil
        }
        guard let key, var memory = signer else { return nil }
        let request = wish.request(chain: head.chain)
        let signature: Signature
        switch memory.decide(request) {
        case .sign:
            signature = key.sign(request.bytes, for: request.purpose)
            memory.record(request, signature: signature)
        case .reuse(let known): signature = known
        case .refuse(let refusal):
            log(.refusedBySigner, "not signing at height \(request.height), round \(request.round): \(refusal)")
            return nil
        }
        let message: OwnMessage
        let content: ChainMessage.Content
        switch wish {
        case .proposal(let proposal):
            guard let entry = blocks[proposal.block] else { return nil }
            let signed = SignedProposal(proposal, signature: signature)
            message = .proposal(signed)
            content = .proposal(signed, entry.block)
        case .vote(let vote):
            let signed = SignedVote(vote, signature: signature)
            message = .vote(signed)
            content = .vote(signed)
        }
        signer = memory
        journal(.own(message, memory, at: now))
        effects.append(.syncJournal)
        publish(content)
        return message
    }

    /// Whether this node may take part now. A validator whose memory is missing waits until those it hears of, with itself, are more
    /// than two thirds of the power, and it has their blocks; then it signs nothing at the height that is being decided, where it may
    /// have signed before. At the very beginning of a chain there is no such height.
    ///
    /// For that height it counts among the faulty, also when it never ran before: if with it more than a third of the power is
    /// faulty, the height is not decided.
    mutating func settleSigner(at now: UInt64) -> Bool {
        guard consensus.isMember, signer == nil, let account else { return true }
        var power: UInt64 = 0
        for validator in head.validators.validators
        where validator.id == account || sync.isSettled(PeerID(validator.key), head: head.height, at: now) {
            power += validator.power
        }
        guard Quorum.holds(power, of: head.validators.totalPower) else { return false }
        let memory = head.height == 0 ? SignerState() : SignerState.refusing(through: head.height + 1)
        signer = memory
        journal(.signer(memory))
        effects.append(.syncJournal)
        if head.height > 0 {
            log(.info, "the signer's memory is missing: nothing is signed up to height \(head.height + 1)")
        }
        return true
    }
}
