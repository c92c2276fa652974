package import Keys
package import Models

/// Decides who is right about an answer, by a conversation that narrows the disagreement down to one number.
///
/// The provider opens what it has committed to, the challenger points at what differs from its own computation: first under which
/// node of the transcript, then at which boundary of the position, then which number of which operator. The referee computes that one
/// number with the plain loops of `Reference`. One honest side wins, whatever the other does: what is opened must hash to
/// what was committed, and whoever is late or sends anything else than is due has lost. After Canetti, Riva and Rothblum 2011
/// ("Practical delegation of computation using multiple servers") and Verde (arXiv:2502.19405).
///
/// All earlier positions and all earlier boundaries are agreed upon by the challenger's pointing to the first that differs; so the keys and
/// values of earlier positions follow from their states at the boundary before the layer.
package struct DisputeMachine: Sendable {
    package enum Input: Sendable {
        /// The caller has verified that `side` sent it.
        case move(DisputeSide, DisputeMove)
        /// A block was committed.
        case height
    }

    package enum Effect: Hashable, Sendable {
        case awaits(DisputeSide, until: UInt64)
        case ended(Outcome)
    }

    package struct Outcome: Hashable, Sendable {
        package let winner: DisputeSide
        package let reason: Reason

        package init(winner: DisputeSide, reason: Reason) {
            self.winner = winner
            self.reason = reason
        }
    }

    package enum Reason: UInt8, Hashable, Sendable {
        /// The loser let its clock run out.
        case late = 0
        /// The loser sent something else than was due, or what does not hash to what it has committed to.
        case malformed = 1
        /// The referee computed the number in question.
        case recomputed = 2
    }

    package enum Phase: Hashable, Sendable {
        // The provider is to move…
        case showNode(MerkleDescent)
        case showBoundaries(position: Int, leaf: Digest)
        case showBoundary(position: Int, root: Digest, MerkleDescent)
        case showLayer(position: Int, layer: Int, root: Digest, leaf: Digest)
        case showContext(LayerQuestion, element: Int)
        case showHead(step: Int)
        case prove(Question)
        // …or the challenger.
        case nameFault
        case pointAtNode(MerkleDescent)
        case pointAtBoundary(position: Int, root: Digest, MerkleDescent)
        case pointAtElement(LayerQuestion)
        case pointAtEntry(LayerQuestion, element: Int, LayerArithmetic.Context)
        case pointAtLogit(step: Int, HeadTrace)
        case ended(Outcome)
    }

    /// One layer at one position whose vectors the provider has shown.
    package struct LayerQuestion: Hashable, Sendable {
        package let position: Int
        package let layer: Int
        package let vectors: LayerArithmetic.Vectors
    }

    /// What is left when the sides have narrowed it down: one number.
    package enum Question: Hashable, Sendable {
        case embedding(position: Int, leaf: Digest)
        case element(LayerQuestion, LayerOperator, Int)
        /// Number `index` of a key or value head at an earlier position of the layer.
        case entry(layer: Int, position: Int, head: Int, isValue: Bool, index: Int, claimed: Float)
        case logit(HeadTrace, TokenID)
    }

    package let statement: DisputeStatement
    package internal(set) var phase: Phase
    package private(set) var clock: DisputeClock
    /// Replies of the challenger so far.
    package private(set) var rounds = 0

    /// - Parameters:
    ///   - budget: blocks that each side may think in all.
    ///   - height: at which the dispute begins.
    package init(_ statement: DisputeStatement, budget: UInt64, at height: UInt64) {
        self.statement = statement
        clock = DisputeClock(budget: budget, at: height)
        phase = Self.first(of: statement.claim, statement) ?? .nameFault
    }

    /// Where a claim is disputed first.
    /// - Returns: nil when nothing is named yet, or the answer has no such step.
    static func first(of claim: DisputeStatement.Claim, _ statement: DisputeStatement) -> Phase? {
        switch claim {
        case .transcript: next(MerkleDescent(root: statement.receipt.checkpoints, leaves: statement.tokens.count))
        case .token(let step): statement.output.indices.contains(step) ? .showHead(step: step) : nil
        case .unnamed: nil
        }
    }

    /// A dispute that has come so far.
    init(_ statement: DisputeStatement, clock: DisputeClock, rounds: Int, phase: Phase) {
        self.statement = statement
        self.clock = clock
        self.rounds = rounds
        self.phase = phase
    }

    /// Who is to move; nil when it has ended.
    package var turn: DisputeSide? {
        switch phase {
        case .showNode, .showBoundaries, .showBoundary, .showLayer, .showContext, .showHead, .prove: .provider
        case .nameFault, .pointAtNode, .pointAtBoundary, .pointAtElement, .pointAtEntry, .pointAtLogit: .challenger
        case .ended: nil
        }
    }

    package var outcome: Outcome? { if case .ended(let outcome) = phase { outcome } else { nil } }

    package mutating func step(_ input: Input, at height: UInt64) -> [Effect] {
        guard let turn else { return [] }
        if height > clock.deadline(of: turn) { return end(loser: turn, .late) }
        // A message out of turn is a duplicate or noise; it costs nobody anything.
        guard case .move(turn, let move) = input else { return [] }
        clock.press(turn, at: height)
        if turn == .challenger { rounds += 1 }
        guard let next = turn == .provider ? answer(to: move) : reply(with: move) else {
            return end(loser: turn, .malformed)
        }
        phase = next
        if case .ended(let outcome) = next { return [.ended(outcome)] }
        return self.turn.map { [.awaits($0, until: clock.deadline(of: $0))] } ?? []
    }

    private mutating func end(loser: DisputeSide, _ reason: Reason) -> [Effect] {
        let outcome = Outcome(winner: loser.other, reason: reason)
        phase = .ended(outcome)
        return [.ended(outcome)]
    }

    static func next(_ descent: MerkleDescent) -> Phase {
        descent.isAtLeaf
            ? .showBoundaries(position: descent.range.lowerBound, leaf: descent.node) : .showNode(descent)
    }
}
