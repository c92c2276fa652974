import Consensus
import Keys
import Simulation
import Wire

/// A validator of a simulated world: one height, and a caller that does what a machine asks.
struct ScheduleNode: Participant {
    enum Character: Hashable, Sendable {
        case honest
        /// Says nothing.
        case silent
        /// Two proposals, and votes for different blocks to different nodes.
        case equivocating
        /// Follows the rules but forgets its lock at every new round.
        case amnesiac
        /// Sends everything it ever heard or said again, at odd times and to some.
        case replaying
        /// Votes for random blocks of random rounds.
        case noisy
    }

    enum Timer: Hashable, Sendable {
        case machine(TimerID)
        case mischief
    }

    let committee: Committee
    let number: Int
    let character: Character
    var machine: HeightMachine
    var signer = SignerState()
    /// What was signed, to see that no step was signed twice.
    var signatures: [[UInt64]: [UInt8]] = [:]
    var doubleSigns = 0
    var refusals = 0
    var halted: [HeightMachine.HaltReason] = []
    var accused: Set<ValidatorID> = []
    var heard: [[UInt8]] = []
    var blocks: Set<Digest> = [Committee.a]
    private static let chain = ChainID("schedule")!

    init(_ committee: Committee, _ number: Int, _ character: Character) {
        self.committee = committee
        self.number = number
        self.character = character
        let pace = TimeoutSchedule.Line(.milliseconds(60), plus: .milliseconds(30))
        machine = HeightMachine(
            height: committee.height, validators: committee.set, me: committee.ids[number],
            timeouts: TimeoutSchedule(
                propose: pace, prevote: pace, precommit: pace,
                rebroadcast: TimeoutSchedule.Line(.milliseconds(100), plus: .milliseconds(40))))
    }

    mutating func start(_ context: inout Context<Timer>) {
        if character == .silent { return }
        feed(.start, &context)
        if character != .honest { context.schedule(.mischief, after: .milliseconds(20)) }
    }

    mutating func receive(_ message: [UInt8], from sender: Int, _ context: inout Context<Timer>) {
        guard character != .silent, let decoded = try? ConsensusMessage(canonicalBytes: message) else { return }
        if character == .replaying || character == .noisy, heard.count < 400 { heard.append(message) }
        // Answers hold no single vote: two that have decided do not answer each other's answers.
        if case .vote = decoded, machine.decision != nil, character == .honest { answer(sender, &context) }
        switch decoded {
        case .proposal(let signed):
            blocks.insert(signed.proposal.block)
            feed(.proposal(signed), &context)
        case .vote(let signed): feed(.vote(signed), &context)
        case .certificate(let certificate): feed(.certificate(certificate), &context)
        }
    }

    mutating func fire(_ timer: Timer, _ context: inout Context<Timer>) {
        switch timer {
        case .machine(let timer): feed(.timeout(timer), &context)
        case .mischief:
            mischief(&context)
            context.schedule(.mischief, after: .milliseconds(Int64(5 + context.dice.next(below: 60))))
        }
    }

    /// Memory that a write-ahead log would bring back stays: this world tests the algorithm, not the log.
    mutating func crash(using dice: inout SeededGenerator) {}

    // MARK: The caller of a machine

    private mutating func feed(_ input: HeightMachine.Input, _ context: inout Context<Timer>) {
        var queue = [input]
        while !queue.isEmpty {
            if character == .amnesiac { forget(queue[0]) }
            for effect in machine.step(queue.removeFirst()) {
                switch effect {
                case .buildValue(let round):
                    queue.append(
                        .valueBuilt(Digest(of: [UInt8(number), UInt8(truncatingIfNeeded: round)], domain: "value")))
                case .validate(let block):
                    queue.append(.validity(block, true, timely: context.dice.next(below: 20) > 0))
                case .signVote(let vote):
                    let signed = Committee.sign(vote)
                    guard mayHave(SignerState.Request(vote, chain: Self.chain), signed.signature) else { continue }
                    queue.append(.vote(signed))
                    say(.vote(signed), &context)
                case .signProposal(let proposal):
                    let signed = Committee.sign(proposal)
                    guard mayHave(SignerState.Request(proposal, chain: Self.chain), signed.signature) else { continue }
                    queue.append(.proposal(signed))
                    say(.proposal(signed), &context)
                case .broadcast(let messages): for message in messages { say(message, &context) }
                case .schedule(let timer, let delay): context.schedule(.machine(timer), after: delay)
                case .evidence(let evidence): accused.insert(evidence.offender)
                case .halt(let reason): halted.append(reason)
                case .decide, .conflictingProposals, .ownKeyAbused, .reject: break
                }
            }
        }
    }

    private mutating func mayHave(_ request: SignerState.Request, _ signature: Signature) -> Bool {
        switch signer.decide(request) {
        case .sign:
            signer.record(request, signature: signature)
            let place = [request.height, UInt64(request.round), UInt64(request.step.rawValue)]
            if signatures.updateValue(request.bytes, forKey: place) != nil { doubleSigns += 1 }
            return true
        case .reuse: return true
        case .refuse:
            refusals += 1
            return false
        }
    }

    private func say(_ message: ConsensusMessage, _ context: inout Context<Timer>) {
        switch (character, message) {
        case (.equivocating, .vote(let signed)):
            let vote = signed.vote
            let choices = blocks.sorted().map(Optional.some) + [nil]
            for receiver in committee.ids.indices where receiver != number {
                let block = choices[Int(context.dice.next(below: UInt64(choices.count)))]
                let lie = Vote(vote.kind, height: vote.height, round: vote.round, block: block, voter: vote.voter)
                context.send(ConsensusMessage.vote(Committee.sign(lie)).canonicalBytes, to: receiver)
            }
        case (.equivocating, .proposal(let signed)):
            let other = Digest(of: signed.proposal.block.bytes, domain: "twin")
            let lie = Proposal(
                height: signed.proposal.height, round: signed.proposal.round, polkaRound: nil, block: other,
                proposer: signed.proposal.proposer)
            for receiver in committee.ids.indices where receiver != number {
                let told = context.dice.next(below: 2) == 0 ? signed : Committee.sign(lie)
                context.send(ConsensusMessage.proposal(told).canonicalBytes, to: receiver)
            }
        default: context.broadcast(message.canonicalBytes)
        }
    }

    /// What a node that has decided tells one that has not: proposal and precommits.
    private func answer(_ sender: Int, _ context: inout Context<Timer>) {
        guard let decision = machine.decision, let precommits = machine.precommits(ofRound: decision.round),
            let certificate = RoundCertificate(
                height: committee.height, round: decision.round, votes: precommits.votes(for: decision.block)),
            let proposal = machine.proposals(ofRound: decision.round)
                .first(where: { $0.proposal.block == decision.block })
        else { return }
        context.send(ConsensusMessage.proposal(proposal).canonicalBytes, to: sender)
        context.send(ConsensusMessage.certificate(certificate).canonicalBytes, to: sender)
    }

    // MARK: Lies

    private mutating func forget(_ input: HeightMachine.Input) {
        guard case .timeout(let timer) = input, timer.step == .precommit else { return }
        let round = machine.round
        machine = HeightMachine(
            height: committee.height, validators: committee.set, me: committee.ids[number], timeouts: .local)
        _ = machine.step(.start)
        for past in 0..<round { _ = machine.step(.timeout(committee.timer(past, .precommit))) }
    }

    private mutating func mischief(_ context: inout Context<Timer>) {
        switch character {
        case .replaying where !heard.isEmpty:
            for _ in 0..<3 {
                let old = heard[Int(context.dice.next(below: UInt64(heard.count)))]
                context.send(old, to: Int(context.dice.next(below: UInt64(committee.ids.count))))
            }
        case .noisy:
            let choices = blocks.sorted().map(Optional.some) + [nil]
            let far = context.dice.next(below: 10) == 0
            let round = far ? Round(context.dice.next(below: 1 << 31)) : Round(context.dice.next(below: 5))
            let vote = Vote(
                Vote.Kind.allCases[Int(context.dice.next(below: 2))], height: committee.height, round: round,
                block: choices[Int(context.dice.next(below: UInt64(choices.count)))], voter: committee.ids[number])
            for receiver in committee.ids.indices where receiver != number && context.dice.next(below: 2) == 0 {
                context.send(ConsensusMessage.vote(Committee.sign(vote)).canonicalBytes, to: receiver)
            }
        default: break
        }
    }
}
