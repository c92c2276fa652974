import Keys
import Wire

/// One block being applied: reads through to the state before it, collects what changes.
struct Execution {
    let state: State
    let context: BlockContext
    let parameters: Parameters
    let referee: any DisputeReferee
    private(set) var changes: [StateKey: [UInt8]?] = [:]
    /// While an attempt runs: what its writes replaced, in their order. The outer nil: there was no change before.
    private var undo: [(key: StateKey, before: [UInt8]??)]?
    var events: [LedgerEvent] = []
    var fees: UInt64 = 0
    /// Receipts of answers that this block has made the node verify, right ones and wrong ones.
    var examinedAnswers = 0
    /// Openings and moves of disputes that this block has made the node look at, right ones and wrong ones.
    var disputeSteps = 0

    init(state: State, context: BlockContext, referee: any DisputeReferee = NoDisputes()) {
        self.state = state
        self.context = context
        self.referee = referee
        parameters = state.parameters
    }

    func read<Value: Canonical>(_ key: StateKey, as type: Value.Type = Value.self) -> Value? {
        guard let change = changes[key] else { return state.read(key) }
        guard let bytes = change else { return nil }
        guard let value = try? Value(canonicalBytes: bytes) else { fatalError("the record of \(key) is damaged") }
        return value
    }

    mutating func write(_ key: StateKey, _ value: some Canonical) { set(key, value.canonicalBytes) }
    mutating func remove(_ key: StateKey) { set(key, nil) }

    private mutating func set(_ key: StateKey, _ value: [UInt8]?) {
        undo?.append((key, changes[key]))
        changes[key] = .some(value)
    }

    func account(_ id: AccountID) -> Account { read(.account(id)) ?? Account() }
    func job(_ id: Digest) throws(Failure) -> JobRecord {
        guard let record: JobRecord = read(.job(id)) else { throw .unknownJob(id) }
        return record
    }

    /// Changes one account and keeps the list of those with stake.
    mutating func change(_ id: AccountID, _ body: (inout Account) throws(Failure) -> Void) throws(Failure) {
        var account = account(id)
        let hadStake = account.stake > .zero
        try body(&account)
        write(.account(id), account)
        guard hadStake != (account.stake > .zero) else { return }
        var stakers = read(.stakers, as: AccountList.self) ?? AccountList()
        if hadStake { stakers.remove(id) } else { stakers.insert(id) }
        guard stakers.elements.count <= AccountList.limit else { throw .tooManyStakers }
        write(.stakers, stakers)
    }

    /// Adds to a balance. No balance overflows: all of them together are at most what was minted, 64 bits.
    mutating func credit(_ id: AccountID, _ amount: Amount) {
        guard amount > .zero else { return }
        var account = account(id)
        account.balance += amount
        write(.account(id), account)
    }

    mutating func creditAuditPool(_ amount: Amount) {
        guard amount > .zero else { return }
        write(.auditPool, auditPool + amount)
    }

    var auditPool: Amount { read(.auditPool) ?? .zero }

    /// Changes anything of an account but whether it has stake.
    mutating func update(_ id: AccountID, _ body: (inout Account) -> Void) {
        var account = account(id)
        body(&account)
        write(.account(id), account)
    }

    mutating func creditTreasury(_ amount: Amount) {
        let before: Amount = read(.treasury) ?? .zero
        write(.treasury, before + amount)
    }

    /// Runs `body`; when it throws, nothing has changed.
    mutating func attempt(_ body: (inout Execution) throws(Failure) -> Void) throws(Failure) {
        let eventCount = events.count
        undo = []
        defer { undo = nil }
        do throws(Failure) { try body(&self) } catch {
            for (key, before) in (undo ?? []).reversed() {
                if let before { changes[key] = .some(before) } else { changes[key] = nil }
            }
            events.removeSubrange(eventCount...)
            throw error
        }
    }

    /// Whether the account has a node key that is valid at the time of the block.
    func hasValidNode(_ account: Account) -> Bool {
        let seconds = context.time / 1000
        return account.node.map { $0.issued <= seconds && seconds < $0.expires } ?? false
    }

    /// The tree with all changes in it.
    func commit() -> StateTree {
        state.tree.applying(changes.map { StateTree.Change(path: $0.key.path, value: $0.value) })
    }
}
