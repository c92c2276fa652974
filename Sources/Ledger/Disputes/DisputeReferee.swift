package import Keys

/// The two that disagree about an answer.
package enum DisputeParty: UInt8, Hashable, Sendable, CaseIterable {
    /// Stands for the answer.
    case defender = 0
    case challenger = 1

    package var other: DisputeParty { self == .defender ? .challenger : .defender }
}

/// Conducts disputes about answers: knows what may be said when, and who is right in the end.
///
/// The ledger keeps the state of every dispute, gives its bytes no meaning, and sees to money and time. A referee is a part of the rules of a
/// chain: the same bytes give the same result on every node, so it is a pure function, and another referee is another chain.
package protocol DisputeReferee: Sendable {
    /// Begins a dispute.
    /// - Parameters:
    ///   - opening: what the challenger shows; bytes of a stranger.
    ///   - budget: blocks that each side may take for all of its moves together.
    func open(_ opening: [UInt8], budget: UInt64, at height: UInt64) throws(DisputeRefusal) -> OpenedDispute

    /// Takes the move of the side that is to move, in time.
    /// - Parameters:
    ///   - state: as this referee has returned it.
    ///   - move: bytes of a stranger.
    func step(_ state: [UInt8], _ move: [UInt8], by party: DisputeParty, at height: UInt64) -> DisputePosition

    /// What decides whether an answer has a fault that a member of a committee has named.
    func evidence(of fault: AnswerFault) -> FaultEvidence

    /// The value that an audit asks its members for, from the state that it is made of.
    /// - Parameters:
    ///   - shown: bytes of a stranger.
    ///   - seed: of the audit.
    func witness(_ shown: [UInt8], seed: Digest, receipt: Receipt) throws(DisputeRefusal) -> Digest

    /// What a request says that its client shows.
    /// - Parameter request: bytes of a stranger.
    func request(_ request: [UInt8]) throws(DisputeRefusal) -> AnswerRequest
}

/// What decides about a fault.
package enum FaultEvidence: Hashable, Sendable {
    /// The opening of a dispute: the provider's own signatures show it, or it is not there.
    case exchange
    /// A dispute whose challenger says what is wrong.
    case dispute
    /// Nothing that a ledger can compute.
    case nothing
}

/// What the ledger has to know of a request.
package struct AnswerRequest: Hashable, Sendable {
    /// The answer that it asks for.
    package var answer: AnswerID
    package var client: AccountID
    package var nonce: Digest

    package init(answer: AnswerID, client: AccountID, nonce: Digest) {
        self.answer = answer
        self.client = client
        self.nonce = nonce
    }
}

/// Why there is nothing to dispute. The text is for people.
package struct DisputeRefusal: Error, Hashable, Sendable {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}

/// What an opening says.
package struct OpenedDispute: Hashable, Sendable {
    /// The answer, with its client and price by the request that the receipt is for.
    package var answer: AnswerRecord
    /// Whether the request asked for an answer that can be disputed without a committee before.
    package var isOffered: Bool
    /// Whether the challenger is to say with its first move what is wrong: so a provider opens a dispute with a member of a committee.
    package var isUnnamed: Bool
    package var position: DisputePosition

    package init(answer: AnswerRecord, isOffered: Bool, isUnnamed: Bool = false, position: DisputePosition) {
        self.answer = answer
        self.isOffered = isOffered
        self.isUnnamed = isUnnamed
        self.position = position
    }
}

/// How a dispute stands.
package enum DisputePosition: Hashable, Sendable {
    /// `party` is to move, at height `until` at the latest.
    case awaits(DisputeParty, until: UInt64, state: [UInt8])
    case ended(winner: DisputeParty, DisputeReason)
}

/// Why a dispute ended.
package enum DisputeReason: UInt8, Hashable, Sendable, CaseIterable {
    /// The loser let its clock run out.
    case late = 0
    /// The loser sent something else than was due, or what does not hash to what it has committed to.
    case malformed = 1
    /// The referee computed the number in question.
    case recomputed = 2
    /// The exchange shows it to everybody: the provider's own signatures prove it wrong, or a fault that they would show is not there.
    case evident = 3
}

/// Of a chain on which answers are not disputed.
package struct NoDisputes: DisputeReferee {
    package init() {}

    package func open(_ opening: [UInt8], budget: UInt64, at height: UInt64) throws(DisputeRefusal) -> OpenedDispute {
        throw DisputeRefusal("this chain conducts no disputes")
    }

    package func step(
        _ state: [UInt8], _ move: [UInt8], by party: DisputeParty, at height: UInt64
    ) -> DisputePosition {
        preconditionFailure("a dispute that was never opened")
    }

    package func evidence(of fault: AnswerFault) -> FaultEvidence { .nothing }

    package func witness(_ shown: [UInt8], seed: Digest, receipt: Receipt) throws(DisputeRefusal) -> Digest {
        throw DisputeRefusal("this chain conducts no disputes")
    }

    package func request(_ request: [UInt8]) throws(DisputeRefusal) -> AnswerRequest {
        throw DisputeRefusal("this chain conducts no disputes")
    }
}
