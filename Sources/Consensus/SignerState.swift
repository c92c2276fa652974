package import Keys
package import Wire

/// The last thing a validator signed: what keeps it from ever signing two different things in one step.
///
/// The caller asks ``decide(_:)``; on ``Decision/sign`` it signs, calls ``record(_:signature:)``, makes the new state
/// durable, and only then lets the signature out. Losing the state means not to validate until every height that may
/// have been signed is past: see ``refusing(through:)``.
package struct SignerState: Hashable, Sendable, Canonical {
    package enum Step: UInt8, Hashable, Sendable, Comparable {
        case propose = 1, prevote, precommit
        package static func < (left: Step, right: Step) -> Bool { left.rawValue < right.rawValue }
    }

    /// One wish to sign.
    package struct Request: Hashable, Sendable {
        package let height: Height
        package let round: Round
        package let step: Step
        package let bytes: [UInt8]
        package let purpose: Purpose

        package init(_ vote: Vote, chain: ChainID) {
            height = vote.height
            round = vote.round
            step = vote.kind == .prevote ? .prevote : .precommit
            bytes = vote.signBytes(chain: chain)
            purpose = .vote
        }

        package init(_ proposal: Proposal, chain: ChainID) {
            height = proposal.height
            round = proposal.round
            step = .propose
            bytes = proposal.signBytes(chain: chain)
            purpose = .proposal
        }

        fileprivate var place: (Height, Round, UInt8) { (height, round, step.rawValue) }
    }

    package enum Decision: Hashable, Sendable {
        case sign
        /// The very same bytes were signed before.
        case reuse(Signature)
        case refuse(Refusal)
    }

    package enum Refusal: Error, Hashable, Sendable {
        /// The request lies before the last signed step.
        case regression
        /// Something else was signed in this step.
        case conflict
    }

    package private(set) var height: Height
    package private(set) var round: Round
    package private(set) var step: Step
    private var bytes: [UInt8]
    private var signature: Signature?

    /// A key that never signed.
    package init() {
        height = 0
        round = 0
        step = .propose
        bytes = []
    }

    /// After a loss of the state: refuses everything up to and including `height`.
    package static func refusing(through height: Height) -> SignerState {
        var state = SignerState()
        state.height = height
        state.round = roundLimit
        state.step = .precommit
        return state
    }

    package func decide(_ request: Request) -> Decision {
        let last = (height, round, step.rawValue)
        if request.place < last { return .refuse(.regression) }
        if request.place > last { return .sign }
        guard let signature, request.bytes == bytes else { return .refuse(.conflict) }
        return .reuse(signature)
    }

    /// Remembers what was just signed.
    package mutating func record(_ request: Request, signature: Signature) {
        guard case .sign = decide(request) else {
            preconditionFailure("a signature that was not allowed by decide(_:) is recorded")
        }
        height = request.height
        round = request.round
        step = request.step
        bytes = request.bytes
        self.signature = signature
    }

    /// Whether `commit` holds a precommit of this validator that this state does not know: somebody else has the key,
    /// or the state is old. A validator that finds one in the last heights refuses to start.
    package func isBehind(_ commit: Commit, set: ValidatorSet, validator: ValidatorID) -> Bool {
        guard let index = set.index(of: validator), commit.vote(at: index, of: validator) != nil else { return false }
        return (commit.height, commit.round, Step.precommit.rawValue) > (height, round, step.rawValue)
    }

    /// Signed bytes are at most 1 + 51 + 12 + 4 + 33 + 32 long.
    private static let bytesLimit = 160

    package func encode(into writer: inout ByteWriter) {
        writer.write(height)
        writer.write(round)
        writer.write(step.rawValue)
        writer.writePrefixed(bytes)
        writer.write(optional: signature)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> SignerState {
        var state = SignerState()
        state.height = try reader.readUInt64()
        state.round = try reader.readRound()
        let tag = try reader.readUInt8()
        guard let step = Step(rawValue: tag) else { throw .unknownTag(UInt64(tag), of: "SignerState.Step") }
        state.step = step
        state.bytes = try reader.readPrefixed(limit: bytesLimit)
        state.signature = try reader.readOptional()
        guard state.signature != nil || state.bytes.isEmpty else { throw .invalid("signed bytes without a signature") }
        return state
    }
}
