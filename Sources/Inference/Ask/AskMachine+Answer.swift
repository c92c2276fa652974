internal import Models
internal import Proofs

extension AskMachine {
    mutating func take(_ tokens: [TokenID], from first: UInt32, of index: Int, _ effects: inout [Effect]) {
        guard attempts.indices.contains(index), attempts[index].isLive else { return }
        let attempt = attempts[index]
        if let fault = fault(of: tokens, from: first, in: attempt) {
            return fail(index, .misbehaved(fault), &effects)
        }
        if leader == nil { lead(index, &effects) }
        guard leader == index else { return }
        attempts[index].phase = .streaming
        attempts[index].received += tokens
        let count = attempts[index].received.count
        effects.append(.startTimer(.silence(index, tokens: count), rules.silenceAfter))
        show(attempts[index].received, after: attempt.base, &effects)
    }

    private func fault(of tokens: [TokenID], from first: UInt32, in attempt: Attempt) -> String? {
        let (count, limit) = (attempt.received.count, Int(rules.maximumTokens) - attempt.base)
        guard attempt.phase == .waiting || attempt.phase == .streaming else {
            return "tokens came before it took the question"
        }
        if Int(first) != count { return "token \(first) came where token \(count) is next" }
        return count + tokens.count > limit ? "more tokens came than the \(limit) that were asked for" : nil
    }

    /// The first to have a token answers; the others are broken off.
    private mutating func lead(_ index: Int, _ effects: inout [Effect]) {
        leader = index
        for other in attempts.indices where other != index && attempts[other].isLive {
            attempts[other].phase = .over
            effects.append(.abandon(other))
        }
    }

    /// Shows what is new, and takes back what this attempt contradicts.
    private mutating func show(_ received: [TokenID], after base: Int, _ effects: inout [Effect]) {
        let known = shown.dropFirst(base)
        let equal = zip(known, received).prefix { $0 == $1 }.count
        // Shorter than what was shown so far: wait for the rest.
        if equal < min(known.count, received.count) { retract(from: base + equal, &effects) }
        let fresh = received.dropFirst(shown.count - base)
        guard !fresh.isEmpty else { return }
        shown += fresh
        effects.append(.show(Array(fresh)))
    }

    mutating func end(_ index: Int, _ seal: ReceiptSeal, _ stop: StopReason, _ effects: inout [Effect]) {
        guard attempts.indices.contains(index), attempts[index].isLive else { return }
        guard leader == index, let answer = Answer(output: attempts[index].received, stop: stop) else {
            return fail(index, .misbehaved("an answer ended before it began"), &effects)
        }
        // What was shown beyond this answer is not part of it.
        retract(from: attempts[index].base + answer.output.count, &effects)
        attempts[index].phase = .examining
        effects.append(.examine(index, answer, seal))
    }

    mutating func judge(_ index: Int, _ examination: Examination, _ effects: inout [Effect]) {
        guard attempts.indices.contains(index), attempts[index].phase == .examining else { return }
        switch examination {
        case .passed, .impossible:
            effects.append(.pay(index))
            finish(.answered(attempt: index, base: attempts[index].base, examination), &effects)
        case .withheld(let why):
            fail(index, .misbehaved("it does not open its answer: \(why)"), &effects)
        case .failed(let fault):
            effects.append(.accuse(index, fault))
            fail(index, .dishonest(fault), &effects)
        }
    }
}
