package import Keys

extension HeightMachine {
    /// What can happen to a machine. Signatures were verified by the caller.
    package enum Input: Hashable, Sendable {
        case start
        case proposal(SignedProposal)
        case vote(SignedVote)
        case certificate(RoundCertificate)
        case timeout(TimerID)
        /// The block that ``Effect/buildValue(round:)`` asked for.
        case valueBuilt(Digest)
        /// The answer to ``Effect/validate(_:)``. `valid` is the same on every correct node; `timely` is this node's
        /// opinion of the block's date, and matters only for the first prevote.
        case validity(Digest, Bool, timely: Bool)
    }

    /// What the caller has to do, in this order.
    package enum Effect: Hashable, Sendable {
        /// Build a block and answer with ``Input/valueBuilt(_:)``.
        case buildValue(round: Round)
        /// Check the block (as soon as it is there) and answer with ``Input/validity(_:_:timely:)``.
        case validate(Digest)
        /// Sign (through ``SignerState``), persist, send to all, and give back as ``Input/proposal(_:)``.
        case signProposal(Proposal)
        /// Sign (through ``SignerState``), persist, send to all, and give back as ``Input/vote(_:)``.
        case signVote(Vote)
        /// Send again, or for the first time what is signed by others: certificates.
        case broadcast([ConsensusMessage])
        case schedule(TimerID, Duration)
        /// The height is over. ``HeightMachine/commit`` may grow with votes that come later.
        case decide(Digest, round: Round, Commit)
        case evidence(Evidence)
        /// Two proposals in one round: to be logged and held against its reputation, not its stake.
        case conflictingProposals(SignedProposal, SignedProposal)
        /// Somebody else signs with this validator's key. To be logged loudly; never evidence against oneself.
        case ownKeyAbused(SignedVote)
        /// The input was not taken, and why.
        case reject(Rejection)
        /// More than a third of the power lies, or this node's rules differ from the others': stop, keep the data.
        case halt(HaltReason)
    }

    package enum Rejection: Error, Hashable, Sendable {
        case wrongHeight(Height)
        case stranger(ValidatorID)
        case wrongProposer(ValidatorID, round: Round, expected: ValidatorID)
        /// Further ahead than votes are kept for. A vote's round is still noted.
        case tooFarAhead(Round)
        case tooManyProposals(Round)
        case polkaRoundNotBefore(Round)
    }

    package enum HaltReason: Hashable, Sendable {
        /// More than two thirds precommitted a block that is invalid here.
        case quorumForInvalid(Digest, round: Round)
        /// More than two thirds precommitted another block than the one already decided.
        case secondDecision(Digest, round: Round)
    }
}
