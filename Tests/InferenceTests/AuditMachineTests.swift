import Inference
import Keys
import Ledger
import Proofs
import Testing

/// One audit, one member, and everything that can happen to it. A value: every order of events is tried.
private struct Seat {
    static let exchange = Exchange.fake(price: 3)
    static let seed = digest(4711)
    static let right = exchange.finding(in: seed)
    static let commitEnd: UInt64 = 13
    static let revealEnd: UInt64 = 21

    enum Event: CaseIterable {
        /// A block with everything that was sent, or without it.
        case block, emptyBlock
        case shown, withheld, checked, uncheckable
        /// Killed, and started again with what is on disk.
        case crash
    }

    private static let limits = {
        var limits = AuditMachine.Limits()
        limits.retryAfter = 2
        return limits
    }()

    private var machine = AuditMachine(account: account(2), key: key(2), limits: limits)
    private var disk: [AuditWord] = []
    private(set) var height: UInt64 = 0
    private(set) var commitment: Digest?
    private(set) var finding: AuditFinding?
    private var mempool: [AuditMachine.Effect] = []
    private(set) var isFetching = false
    private(set) var isChecking = false

    init() { look() }

    var phase: AnswerAudit.Phase { height < Self.commitEnd ? .committing : .revealing }
    var isOver: Bool { height >= Self.revealEnd || finding != nil }

    private var open: OpenAnswer {
        var audit = AnswerAudit(accuser: nil)
        audit.phase = phase
        audit.seed = Self.seed
        (audit.commitEnd, audit.revealEnd) = (Self.commitEnd, Self.revealEnd)
        audit.seats = [
            .init(account: account(3), weight: 1),
            .init(account: account(2), weight: 1, commitment: commitment, finding: finding),
        ]
        return OpenAnswer(answer: Self.exchange.record, isRecorded: true, end: 99, risk: .zero, audit: audit)
    }

    private mutating func look() { step(.block(height: height, [open])) }

    private mutating func step(_ input: AuditMachine.Input) {
        for effect in machine.step(input) {
            switch effect {
            case .fetch(let task):
                check(!isFetching && task.seed == Self.seed && task.answer == Self.exchange.record)
                isFetching = true
            case .check(let task, let exchange):
                check(!isChecking && task.seed == Self.seed && exchange == Self.exchange)
                isChecking = true
            case .commit(let word):
                check(phase == .committing && commitment == nil, "a second commitment")
                // What was kept before is said again, never another thing.
                check(disk.allSatisfy { $0 == word }, "two words in one audit")
                disk = [word]
                mempool.append(effect)
            case .reveal(let word):
                check(phase == .revealing && finding == nil)
                check(commitment == word.reveal.commitment(of: account(2)), "a reveal without its commitment")
                mempool.append(effect)
            }
        }
    }

    /// - Returns: false when the event cannot happen now.
    mutating func happen(_ event: Event) -> Bool {
        guard !isOver else { return false }
        switch event {
        case .block, .emptyBlock:
            if event == .block { include() }
            height += 1
            look()
        case .shown, .withheld:
            guard isFetching else { return false }
            isFetching = false
            step(.fetched(audit: Self.seed, event == .shown ? Self.exchange : nil))
        case .checked, .uncheckable:
            guard isChecking else { return false }
            isChecking = false
            step(.checked(audit: Self.seed, event == .checked ? Self.right : nil))
        case .crash:
            (isFetching, isChecking) = (false, false)
            machine = AuditMachine(account: account(2), key: key(2), words: disk, limits: Self.limits)
            look()
        }
        return true
    }

    private mutating func include() {
        for effect in mempool {
            switch effect {
            case .commit(let word) where phase == .committing && commitment == nil:
                commitment = word.reveal.commitment(of: account(2))
            case .reveal(let word) where phase == .revealing && commitment == word.reveal.commitment(of: account(2)):
                finding = word.reveal.finding
            default: break
            }
        }
        mempool = []
    }

    /// From here on all goes well.
    mutating func finish(showing: Bool = true) {
        while !isOver {
            if isFetching { _ = happen(showing ? .shown : .withheld) }
            if isChecking { _ = happen(.checked) }
            _ = happen(.block)
        }
    }
}

@Suite struct AuditMachineTests {
    /// Every order of some events in the first heights, then luck.
    private func explore(
        _ events: [Seat.Event], showing: Bool, expecting finding: AuditFinding, from seat: Seat = Seat(), depth: Int = 6
    ) -> Int {
        var end = seat
        end.finish(showing: showing)
        check(end.finding == finding, "\(String(describing: end.finding))")
        guard depth > 0 else { return 1 }
        return events.reduce(1) { count, event in
            var next = seat
            guard next.happen(event), next.height <= 4 else { return count }
            return count + explore(events, showing: showing, expecting: finding, from: next, depth: depth - 1)
        }
    }

    @Test("whatever happens first, a member that is shown the answer in the end commits and reveals what it found")
    func everyOrder() throws {
        #expect(explore(Seat.Event.allCases, showing: true, expecting: Seat.right) > 5_000)
    }

    @Test("whatever happens first, a member that nobody shows the answer says so")
    func withheld() throws {
        let count = explore([.block, .emptyBlock, .withheld, .crash], showing: false, expecting: .unavailable)
        #expect(count > 500)
    }

    @Test("killed at any height, before or after any event, a member that has committed reveals")
    func crashes() throws {
        for crash in 0..<Int(Seat.revealEnd) {
            for moment in 0..<3 {
                var seat = Seat()
                while !seat.isOver {
                    let isTime = Int(seat.height) == crash
                    if isTime, moment == 0 { _ = seat.happen(.crash) }
                    if seat.isFetching { _ = seat.happen(.shown) }
                    if isTime, moment == 1 { _ = seat.happen(.crash) }
                    if seat.isChecking { _ = seat.happen(.checked) }
                    if isTime, moment == 2 { _ = seat.happen(.crash) }
                    _ = seat.happen(.block)
                }
                #expect(seat.finding == Seat.right, "killed at \(crash), moment \(moment)")
            }
        }
    }

    @Test("who is shown the answer and cannot check it says so in time; who has not even asked accuses nobody")
    func inability() throws {
        var slow = Seat()
        while !slow.isOver {
            if slow.isFetching { _ = slow.happen(.shown) }
            _ = slow.happen(.block)
        }
        #expect(slow.finding == .unable)
        var without = Seat()
        while !without.isOver {
            if without.isFetching { _ = without.happen(.shown) }
            if without.isChecking { _ = without.happen(.uncheckable) }
            _ = without.happen(.block)
        }
        #expect(without.finding == .unable)
        // The first fetch never comes back: the peer may be right and our network broken.
        var stuck = Seat()
        while !stuck.isOver { _ = stuck.happen(.block) }
        #expect(stuck.finding == .unable)
    }

    @Test("no more is fetched or checked at a time than allowed, and the nearest deadline goes first")
    func limits() throws {
        var limits = AuditMachine.Limits()
        (limits.fetches, limits.checks) = (2, 1)
        var machine = AuditMachine(account: account(2), key: key(2), limits: limits)
        let exchanges = (0..<5 as Range<UInt64>).map { Exchange.fake(nonce: $0) }
        let audits = exchanges.enumerated().map { index, exchange in
            var audit = AnswerAudit(accuser: nil)
            audit.phase = .committing
            audit.seed = digest(UInt64(index))
            (audit.commitEnd, audit.revealEnd) = (UInt64(100 - index), 200)
            audit.seats = [.init(account: account(2), weight: 1)]
            return OpenAnswer(answer: exchange.record, isRecorded: true, end: 99, risk: .zero, audit: audit)
        }
        func fetches(_ effects: [AuditMachine.Effect]) -> [Digest] {
            effects.compactMap { if case .fetch(let task) = $0 { task.seed } else { nil } }
        }
        func checks(_ effects: [AuditMachine.Effect]) -> [Digest] {
            effects.compactMap { if case .check(let task, _) = $0 { task.seed } else { nil } }
        }
        #expect(fetches(machine.step(.block(height: 1, audits))) == [digest(4), digest(3)])
        var effects = machine.step(.fetched(audit: digest(3), exchanges[3]))
        #expect(fetches(effects) == [digest(2)] && checks(effects) == [digest(3)])
        effects = machine.step(.fetched(audit: digest(4), exchanges[4]))
        #expect(fetches(effects) == [digest(1)] && checks(effects).isEmpty)
        #expect(checks(machine.step(.checked(audit: digest(3), exchanges[3].finding(in: digest(3))))) == [digest(4)])
        // The others are over: results that come late are of no use, and make room.
        #expect(machine.step(.block(height: 2, [audits[0]])).isEmpty)
        #expect(fetches(machine.step(.fetched(audit: digest(1), exchanges[1]))) == [digest(0)])
        #expect(checks(machine.step(.fetched(audit: digest(0), exchanges[0]))).isEmpty)
        #expect(checks(machine.step(.checked(audit: digest(4), nil))) == [digest(0)])
    }

    @Test("what is shown is judged under the receipt that the ledger has, or counts as not shown")
    func judged() throws {
        let exchange = Exchange.fake()
        let recorded = exchange.receipt
        #expect(exchange.judged(under: recorded) == exchange)
        // Another receipt of the same answer changes nothing: the recorded one is judged.
        let resigned = SignedReceipt.sign(recorded.receipt, seedProof: recorded.seedProof, with: key(5))
        let other = Exchange(request: exchange.request, answer: exchange.answer, receipt: resigned)
        #expect(other.judged(under: recorded) == exchange)
        let lie = Exchange.fake { $0[0] ^= 1 }
        #expect(lie.judged(under: recorded) == nil)
        #expect(Exchange.fake(nonce: 1).judged(under: recorded) == nil)
        let unsigned = SignedRequest(
            request: exchange.request.request, key: key(9).publicKey, signature: exchange.request.signature)
        #expect(Exchange(request: unsigned, answer: exchange.answer, receipt: recorded).judged(under: recorded) == nil)
    }
}
