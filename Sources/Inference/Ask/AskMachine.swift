internal import Keys
package import Models
package import Proofs

/// Decides whom to ask, when to ask another, and what the asker sees, for one question. Pure: no clock, no dice, no network.
///
/// An *attempt* is one request to one provider, numbered from 0. The first attempt whose token comes leads and the others are
/// broken off. When the leader fails, the next provider goes on: with temperature 0 it is asked the same and what was shown is
/// skipped, since the tokens must be equal; with another temperature its seed is another, so it is asked to continue after what
/// was shown. The asker sees each token once. Only an attempt that ended with a receipt which holds is ever paid, and only one.
package struct AskMachine: Sendable {
    package enum Input: Hashable, Sendable {
        /// Whom to ask, best first. The first input, and the answer to ``Effect/look``.
        case candidates([Candidate])
        /// The provider has what it needs to answer: the question goes out, and its payment is provided for.
        case asked(Int)
        case accepted(Int)
        case tokens(Int, first: UInt32, [TokenID])
        case final(Int, ReceiptSeal, StopReason)
        case failed(Int, AttemptFailure)
        case examined(Int, Examination)
        case timer(Timer)
    }

    package enum Effect: Hashable, Sendable {
        /// Ask: the prompt is followed by the first `base` tokens shown.
        case open(Int, Candidate, base: Int)
        /// Break off; what still comes is ignored.
        case abandon(Int)
        case show([TokenID])
        /// A provider has lied: what was shown from this index on is not part of the answer.
        case retract(from: Int)
        /// Make the receipt of the answer, and check both.
        case examine(Int, Answer, ReceiptSeal)
        /// Look up who is there.
        case look
        case pay(Int)
        case accuse(Int, InferenceFault)
        case startTimer(Timer, Duration)
        case finish(Outcome)
    }

    package enum Timer: Hashable, Sendable {
        case preparation(Int)
        case hedge(Int)
        /// Nothing came since the attempt had so many tokens.
        case silence(Int, tokens: Int)
        case queue(Int)
        case look
        case deadline
    }

    package enum Outcome: Hashable, Sendable {
        /// The receipt covers everything shown after the first `base` tokens.
        case answered(attempt: Int, base: Int, Examination)
        case failed([AttemptFailure])
    }

    enum Phase: Hashable, Sendable { case preparing, opening, waiting, streaming, examining, over }

    struct Attempt: Hashable, Sendable {
        let candidate: Candidate
        let base: Int
        var phase = Phase.preparing
        var received: [TokenID] = []
        var isLive: Bool { phase != .over && phase != .examining }
    }

    let rules: AskRules
    package internal(set) var shown: [TokenID] = []
    var candidates: [Candidate] = []
    var attempts: [Attempt] = []
    var leader: Int?
    var failures: [AttemptFailure] = []
    /// Who would say the same again.
    private var barred: Set<PeerID> = []
    private var looks = 0
    var isOver = false

    package init(rules: AskRules) { self.rules = rules }

    package mutating func step(_ input: Input) -> [Effect] {
        guard !isOver else { return [] }
        var effects: [Effect] = []
        switch input {
        case .candidates(let found):
            candidates = found.filter { !barred.contains($0.peer) }
            // They are asked again, so what they said does not count any more.
            if !candidates.isEmpty { failures.removeAll { !$0.isLasting } }
            if looks == 0 { effects.append(.startTimer(.deadline, rules.deadline)) }
            askNext(&effects)
        case .asked(let index): ask(index, &effects)
        case .accepted(let index): accept(index, &effects)
        case .tokens(let index, let first, let tokens): take(tokens, from: first, of: index, &effects)
        case .final(let index, let seal, let stop): end(index, seal, stop, &effects)
        case .failed(let index, let failure): fail(index, failure, &effects)
        case .examined(let index, let examination): judge(index, examination, &effects)
        case .timer(let timer): ring(timer, &effects)
        }
        return effects
    }

    // MARK: Attempts

    /// Asks the next provider; when there is none and nobody is at work, looks for others or gives up.
    mutating func askNext(_ effects: inout [Effect]) {
        guard !candidates.isEmpty, attempts.count < rules.attempts else {
            if !attempts.contains(where: { $0.phase != .over }) { lookAgain(&effects) }
            return
        }
        let index = attempts.count
        let base = self.base(&effects)
        let attempt = Attempt(candidate: candidates.removeFirst(), base: base)
        attempts.append(attempt)
        effects.append(.open(index, attempt.candidate, base: base))
        effects.append(.startTimer(.preparation(index), rules.prepareWithin))
    }

    /// From now on the provider can be slow. To ask another while a channel is opened would lock a second deposit for nothing.
    private mutating func ask(_ index: Int, _ effects: inout [Effect]) {
        guard attempts.indices.contains(index), attempts[index].phase == .preparing else { return }
        attempts[index].phase = .opening
        effects.append(.startTimer(.silence(index, tokens: 0), rules.silenceAfter))
        if leader == nil { effects.append(.startTimer(.hedge(index), rules.hedgeAfter)) }
    }

    private mutating func lookAgain(_ effects: inout [Effect]) {
        guard looks < rules.looks, attempts.count < rules.attempts, failures.contains(where: { !$0.isLasting }) else {
            return finish(.failed(failures), &effects)
        }
        looks += 1
        effects.append(.startTimer(.look, rules.lookAfter))
    }

    /// Where the next attempt goes on.
    private mutating func base(_ effects: inout [Effect]) -> Int {
        guard !rules.isDeterministic else { return 0 }
        // All tokens are there and the receipt is not: the last one is asked for again, with a receipt.
        if shown.count >= Int(rules.maximumTokens) { retract(from: Int(rules.maximumTokens) - 1, &effects) }
        return shown.count
    }

    mutating func retract(from index: Int, _ effects: inout [Effect]) {
        guard index < shown.count else { return }
        shown.removeSubrange(index...)
        effects.append(.retract(from: index))
    }

    private mutating func accept(_ index: Int, _ effects: inout [Effect]) {
        guard attempts.indices.contains(index), attempts[index].phase == .opening else { return }
        attempts[index].phase = .waiting
        effects.append(.startTimer(.queue(index), rules.queuePatience))
    }

    mutating func fail(_ index: Int, _ failure: AttemptFailure, _ effects: inout [Effect]) {
        guard attempts.indices.contains(index), attempts[index].phase != .over else { return }
        // It ended, and does not stand. With another seed nothing of it can be used; without one, what is equal is.
        if attempts[index].phase == .examining, !rules.isDeterministic {
            retract(from: attempts[index].base, &effects)
        }
        attempts[index].phase = .over
        failures.append(failure)
        if failure.isLasting { barred.insert(attempts[index].candidate.peer) }
        effects.append(.abandon(index))
        if leader == index { leader = nil }
        guard !attempts.contains(where: { $0.phase != .over }) else { return }
        askNext(&effects)
    }

    private mutating func ring(_ timer: Timer, _ effects: inout [Effect]) {
        switch timer {
        case .preparation(let index):
            guard attempts[index].phase == .preparing else { return }
            fail(index, .unpayable("it took too long to provide for the payment"), &effects)
        case .hedge(let index):
            guard leader == nil, index == attempts.count - 1, !candidates.isEmpty,
                attempts.count(where: \.isLive) < rules.parallel, attempts.contains(where: \.isLive)
            else { return }
            askNext(&effects)
        case .silence(let index, let tokens):
            guard attempts[index].received.count == tokens, [.opening, .streaming].contains(attempts[index].phase)
            else {
                return
            }
            fail(index, .silent(after: tokens), &effects)
        case .queue(let index):
            guard attempts[index].phase == .waiting else { return }
            fail(index, .silent(after: 0), &effects)
        case .look: effects.append(.look)
        case .deadline:
            for index in attempts.indices where attempts[index].phase != .over { effects.append(.abandon(index)) }
            finish(.failed(failures + [.deadline]), &effects)
        }
    }

    mutating func finish(_ outcome: Outcome, _ effects: inout [Effect]) {
        isOver = true
        effects.append(.finish(outcome))
    }
}
