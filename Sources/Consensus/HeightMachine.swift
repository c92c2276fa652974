package import Keys

/// Agrees on one block of one height: the Tendermint algorithm as a pure value. The next height is a new machine.
///
/// Source: Buchman, Kwon and Milosevic 2018, arXiv:1807.04938, Algorithm 1; rule names as in the comments of
/// `HeightMachine+Rules.swift`. A machine that is no member of the set follows the votes and signs nothing.
package struct HeightMachine: Hashable, Sendable {
    package enum Step: UInt8, Hashable, Sendable, Comparable {
        case propose = 1, prevote, precommit
        package static func < (left: Step, right: Step) -> Bool { left.rawValue < right.rawValue }
    }

    package struct Lock: Hashable, Sendable {
        package let block: Digest
        package let round: Round

        package init(block: Digest, round: Round) {
            self.block = block
            self.round = round
        }
    }

    enum Validity: Hashable, Sendable { case asked, known(valid: Bool, timely: Bool) }

    /// Votes are kept for this many rounds ahead. A validator further behind needs f+1 votes of a later round to skip
    /// there, which needs one number a validator, and then hears the votes again.
    package static let roundWindow: Round = 4

    package let height: Height
    package let validators: ValidatorSet
    /// This node's validator; nil, or no member, on a node that only follows.
    package let me: ValidatorID?
    let timeouts: TimeoutSchedule

    package internal(set) var round: Round = 0
    package internal(set) var step: Step = .propose
    /// The block this validator precommitted last, and when: it prevotes no other without a newer polka.
    package internal(set) var locked: Lock?
    /// The last block that could be decided as far as this node knows: it proposes this one when its turn comes.
    package internal(set) var valid: Lock?
    /// What was decided; it never changes.
    package internal(set) var decision: Lock?
    package internal(set) var hasHalted = false

    var hasStarted = false
    /// In its turn, waiting for the value to propose.
    var isBuilding = false
    var logs: [Round: RoundLog] = [:]
    var validity: [Digest: Validity] = [:]
    var order: ProposerOrder
    /// The latest round each validator spoke in, by index: all that is kept of rounds far ahead.
    var latestRounds: [Round?]

    /// - Parameter validators: the set of this height, already advanced for it (`ValidatorSet.next(changes:)`).
    package init(height: Height, validators: ValidatorSet, me: ValidatorID?, timeouts: TimeoutSchedule) {
        precondition(height > 0, "heights start at 1")
        self.height = height
        self.validators = validators
        self.me = me
        self.timeouts = timeouts
        order = ProposerOrder(validators)
        latestRounds = Array(repeating: nil, count: validators.count)
    }

    /// Takes one input and says what to do. The same inputs in the same order always give the same effects.
    package mutating func step(_ input: Input) -> [Effect] {
        var effects: [Effect] = []
        guard !hasHalted else { return effects }
        switch input {
        case .start: take(start: &effects)
        case .proposal(let signed): take(signed, &effects)
        case .vote(let signed): take(signed, &effects)
        case .certificate(let certificate): take(certificate, &effects)
        case .timeout(let timer): take(timer, &effects)
        case .valueBuilt(let block): take(built: block, &effects)
        case .validity(let block, let isValid, let isTimely):
            take(validityOf: block, isValid: isValid, isTimely: isTimely, &effects)
        }
        if hasStarted { applyRules(&effects) }
        return effects
    }

    /// The certificate of the decision, with the precommits that are here by now; nil before the decision.
    package var commit: Commit? {
        guard let decision, let log = logs[decision.round] else { return nil }
        return Commit(
            height: height, round: decision.round, block: decision.block,
            slots: log.precommits.slots(for: decision.block))
    }

    /// Whether this node signs at this height.
    package var isMember: Bool { me.map { validators.index(of: $0) != nil } ?? false }

    /// The proposer of the current round.
    package var proposer: ValidatorID {
        var order = order
        return order.proposer(of: round)
    }

    /// The prevotes of a round, for reports.
    package func prevotes(ofRound round: Round) -> VoteTally? { logs[round]?.prevotes }

    /// The precommits of a round, for reports.
    package func precommits(ofRound round: Round) -> VoteTally? { logs[round]?.precommits }

    /// The proposals of a round: more than one only from a proposer that lies.
    package func proposals(ofRound round: Round) -> [SignedProposal] { logs[round]?.proposals ?? [] }
}
