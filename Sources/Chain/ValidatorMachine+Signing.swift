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

    /// Finds out what this node's key may sign when its memory is missing (`SignerState.afterLoss`). Until then the node follows
    /// the chain and is silent. A key that is new has its memory from the beginning (``ChainStorage/recordNewKey(_:on:)``), so only
    /// a key that came without the rest of its data directory gets here; best before it is a validator, when silence costs nothing.
    mutating func settleSigner() {
        guard signer == nil, let account, !isReplaying else { return }
        var heads: [ValidatorID: UInt64] = [:]
        for validator in head.nextValidators.validators {
            heads[validator.id] = sync.toldHead(of: PeerID(validator.key))
        }
        guard
            let memory = SignerState.afterLoss(
                of: account, head: head.height, set: head.nextValidators, heads: heads)
        else { return }
        remember(memory)
        log(
            .info,
            "the signer's memory was missing; the others' heads show that nothing was signed above height \(memory.height)"
        )
    }

    /// The operator vouches that the key signed nothing above a height.
    mutating func settleSigner(through height: UInt64) {
        guard signer == nil, account != nil else { return }
        remember(SignerState.refusing(through: height))
        log(.info, "the signer's memory was missing; as its operator says, nothing was signed above height \(height)")
    }

    /// Somebody voted with this node's key: the memory is an old copy, and what it says is not all that was signed.
    mutating func doubtSigner(over commit: Commit, of set: ValidatorSet) {
        guard let memory = signer, let account, memory.isBehind(commit, set: set, validator: account) else { return }
        remember(nil)
        log(
            .ownKeyAbused,
            "block \(commit.height) has a vote by this node's key that its journal does not know: nothing is signed until that is past"
        )
    }

    private mutating func remember(_ memory: SignerState?) {
        guard let key else { return }
        signer = memory
        journal(.signer(memory, of: key.publicKey))
        if !isReplaying { effects.append(.syncJournal) }
    }
}
