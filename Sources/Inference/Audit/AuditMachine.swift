package import Keys
package import Ledger
package import Proofs

/// Decides what one node does in the audits that it has a seat in. Pure: no clock, no dice, no network.
///
/// Input is what the ledger says after each block and the results of the work that was asked for; deadlines are heights. Because each
/// block brings every running audit, a machine built in the middle of one goes on from there, with the words it had kept.
package struct AuditMachine: Sendable {
    package enum Input: Sendable {
        case block(height: UInt64, [OpenAnswer])
        /// Nil: nobody has shown it.
        case fetched(audit: Digest, Exchange?)
        /// Nil: it cannot be checked here now.
        case checked(audit: Digest, AuditFinding?)
    }

    package enum Effect: Hashable, Sendable {
        /// Get what the receipt is about from anybody who has it, then report ``Input/fetched(audit:_:)``.
        case fetch(AuditTask)
        /// Compute it again, then report ``Input/checked(audit:_:)``.
        case check(AuditTask, Exchange)
        /// Keep the word durably; only then submit the commitment to it.
        case commit(AuditWord)
        case reveal(AuditWord)
    }

    package struct Limits: Sendable {
        /// Answers that are fetched at the same time: each waits for a peer.
        package var fetches = 4
        /// Answers that are computed at the same time: more would not be done sooner.
        package var checks = 1
        /// Blocks until what failed is tried again.
        package var retryAfter: UInt64 = 5
        /// Blocks after which an operation that the ledger does not show is sent again.
        package var resendAfter: UInt64 = 4

        package init() {}
    }

    enum Stage: Sendable {
        /// To be fetched after this height; tried so often.
        case wanted(after: UInt64, tries: Int)
        /// Here, to be checked after this height.
        case shown(Exchange, after: UInt64)
        case found(AuditWord)
    }

    struct Seat: Sendable {
        let task: AuditTask
        /// The heights from which a member that was shown nothing says so, and from which one that is not done gives up.
        let patience: UInt64
        let last: UInt64
        var phase: AnswerAudit.Phase
        var commitEnd: UInt64
        var commitment: Digest?
        var hasRevealed: Bool
        var stage: Stage
        /// Height at which the commitment, or the finding, was last sent.
        var sent: UInt64?
    }

    package let account: AccountID
    private let key: SigningKey
    private let limits: Limits
    private var words: [Digest: AuditWord]
    private var height: UInt64 = 0
    private var seats: [Digest: Seat] = [:]
    /// Work under way, also for audits that are over.
    private var fetching: Set<Digest> = []
    private var checking: Set<Digest> = []

    /// - Parameters:
    ///   - key: of the node; makes the salts.
    ///   - words: that were kept by an earlier machine of this account.
    package init(account: AccountID, key: SigningKey, words: [AuditWord] = [], limits: Limits = Limits()) {
        self.account = account
        self.key = key
        self.limits = limits
        self.words = Dictionary(words.map { ($0.seed, $0) }) { first, _ in first }
    }

    package mutating func step(_ input: Input) -> [Effect] {
        switch input {
        case .block(let height, let audits): enter(height, audits)
        case .fetched(let id, let exchange):
            fetching.remove(id)
            guard case .wanted(_, let tries)? = seats[id]?.stage else { break }
            seats[id]?.stage =
                exchange.map { .shown($0, after: 0) } ?? .wanted(after: height + limits.retryAfter, tries: tries + 1)
        case .checked(let id, let finding):
            checking.remove(id)
            guard case .shown(let exchange, _)? = seats[id]?.stage else { break }
            if let finding {
                settle(id, finding)
            } else {
                seats[id]?.stage = .shown(exchange, after: height + limits.retryAfter)
            }
        }
        return advance()
    }

    /// Takes over what the ledger shows; audits that it shows no more are over.
    private mutating func enter(_ height: UInt64, _ audits: [OpenAnswer]) {
        guard height >= self.height else { return }
        self.height = height
        var shown: [Digest: Seat] = [:]
        for open in audits {
            guard let audit = open.audit, audit.phase != .drawing,
                let mine = audit.seats.first(where: { $0.account == account })
            else { continue }
            var seat = seats[audit.seed] ?? newSeat(open, audit)
            if seat.phase != audit.phase { seat.sent = nil }
            seat.phase = audit.phase
            seat.commitment = mine.commitment
            seat.hasRevealed = mine.finding != nil
            shown[audit.seed] = seat
        }
        seats = shown
        words = words.filter { shown[$0.key] != nil }
    }

    /// A third of the time is for checking, so that a provider who shows the answer at the last moment makes nobody late; a
    /// tenth is for the commitment to get into a block, sent twice where need be.
    private func newSeat(_ open: OpenAnswer, _ audit: AnswerAudit) -> Seat {
        let rest = audit.commitEnd > height ? audit.commitEnd - height : 0
        return Seat(
            task: AuditTask(answer: open.answer, accuser: audit.accuser?.account, seed: audit.seed),
            patience: audit.commitEnd - min(rest, max(4, rest / 3)),
            last: audit.commitEnd - min(rest, max(4, rest / 10)), phase: audit.phase, commitEnd: audit.commitEnd,
            commitment: nil, hasRevealed: false,
            stage: words[audit.seed].map { .found($0) } ?? .wanted(after: 0, tries: 0))
    }

    // MARK: What is next

    /// Starts everything that is due, the most urgent first.
    private mutating func advance() -> [Effect] {
        var effects: [Effect] = []
        let order = seats.sorted { ($0.value.commitEnd, $0.key) < ($1.value.commitEnd, $1.key) }.map(\.key)
        for id in order {
            guard let seat = seats[id] else { continue }
            switch seat.phase {
            case .drawing, .pleading: break
            case .committing:
                guard seat.commitment == nil else { continue }
                giveUpInTime(id, seat)
                work(id, &effects)
            case .revealing: reveal(id, seat, &effects)
            }
        }
        return effects
    }

    /// A member that says nothing is punished: before the time is over it says what it has.
    private mutating func giveUpInTime(_ id: Digest, _ seat: Seat) {
        switch seat.stage {
        case .wanted(_, let tries) where height >= seat.patience: settle(id, tries > 0 ? .unavailable : .unable)
        case .shown where height >= seat.last: settle(id, .unable)
        default: break
        }
    }

    private mutating func work(_ id: Digest, _ effects: inout [Effect]) {
        guard let seat = seats[id] else { return }
        switch seat.stage {
        case .wanted(let after, _):
            guard height >= after, !fetching.contains(id), fetching.count < limits.fetches else { return }
            fetching.insert(id)
            effects.append(.fetch(seat.task))
        case .shown(let exchange, let after):
            guard height >= after, !checking.contains(id), checking.count < limits.checks else { return }
            checking.insert(id)
            effects.append(.check(seat.task, exchange))
        case .found(let word): if isDue(id) { effects.append(.commit(word)) }
        }
    }

    private mutating func reveal(_ id: Digest, _ seat: Seat, _ effects: inout [Effect]) {
        guard case .found(let word) = seat.stage, !seat.hasRevealed,
            seat.commitment == word.reveal.commitment(of: account), isDue(id)
        else { return }
        effects.append(.reveal(word))
    }

    private mutating func isDue(_ id: Digest) -> Bool {
        if let last = seats[id]?.sent, height < last + limits.resendAfter { return false }
        seats[id]?.sent = height
        return true
    }

    /// The salt is the key's VRF over the audit: nobody can guess it, and the same machine finds it again.
    private mutating func settle(_ id: Digest, _ finding: AuditFinding) {
        guard let task = seats[id]?.task else { return }
        let proof = key.prove(alpha: Digest(of: id.bytes, domain: "audit salt").bytes)
        let salt = Digest(of: proof.bytes, domain: "audit salt")
        seats[id]?.stage = .found(
            AuditWord(seed: id, reveal: AuditReveal(answer: task.answer.id, finding: finding, salt: salt)))
    }
}
