package import Keys
internal import Wire

/// The state of the ledger after one block. A value: copies share what is equal.
package struct State: Sendable {
    package internal(set) var tree: StateTree
    /// Digest of the genesis.
    package let chain: Digest

    package init(genesis: Genesis) throws(GenesisError) {
        do throws(WireError) { _ = try Parameters(canonicalBytes: genesis.parameters.canonicalBytes) } catch {
            throw .parameters("\(error)")
        }
        chain = genesis.digest
        tree = StateTree()
        var execution = Execution(
            state: self, context: BlockContext(height: 0, time: genesis.time, proposer: AccountID.none, beacon: .zero))
        try execution.mint(genesis)
        tree = execution.commit()
        guard !validators(at: genesis.time).isEmpty else { throw .noValidator }
    }

    init(tree: StateTree, chain: Digest) {
        self.tree = tree
        self.chain = chain
    }

    package var root: Digest { tree.root }

    func read<Value: Canonical>(_ key: StateKey, as type: Value.Type = Value.self) -> Value? {
        tree[key.path].map { bytes in
            guard let value = try? Value(canonicalBytes: bytes) else { fatalError("the record of \(key) is damaged") }
            return value
        }
    }

    package func account(_ id: AccountID) -> Account? { read(.account(id)) }
    package func job(_ id: Digest) -> JobRecord? { read(.job(id)) }
    /// Ids of the jobs that are not over, ascending.
    package var openJobs: [Digest] { read(.openJobs, as: DigestList.self)?.elements ?? [] }
    package var parameters: Parameters { read(.parameters) ?? Parameters() }
    package var supply: Supply { read(.totals) ?? .nothing }
    /// The nonce that the next transaction of a key must have.
    package func nextNonce(of signer: PublicKey) -> UInt64 { (read(.nonce(signer)) ?? 0) + 1 }

    /// What a committee member last said about a worker's update in the running round.
    package func verdict(job: Digest, worker: AccountID, by member: AccountID) -> Verdict? {
        read(.verdict(job: job, worker: worker, member: member))
    }

    package func history(job: Digest, round: UInt32) -> RoundHistory? { read(.history(job: job, round: round)) }

    /// Shows the value, or the absence, of a record under ``root``.
    package func prove(_ key: StateKey) -> StateProof { tree.prove(key.path) }

    /// Those with the stake and a node key whose certificate is valid, at most ``Parameters/validatorLimit``, most stake first. Power is
    /// in whole FIG.
    /// - Parameter time: of the last block, in milliseconds since 1970, so that all nodes see the same certificates expire.
    package func validators(at time: UInt64) -> [(id: AccountID, key: PublicKey, power: UInt64)] {
        let parameters = parameters
        var members: [(id: AccountID, key: PublicKey, power: UInt64)] = []
        for id in read(.stakers, as: AccountList.self)?.elements ?? [] {
            guard let account = account(id), let node = account.node, account.isNode(node.node, at: time),
                !account.isBanned, account.stake >= parameters.validatorStake
            else { continue }
            members.append((id, node.node, max(1, account.stake.seeds / Amount.seedsPerFIG)))
        }
        members.sort { $0.power != $1.power ? $0.power > $1.power : $0.id < $1.id }
        return Array(members.prefix(Int(parameters.validatorLimit)))
    }
}

extension AccountID {
    /// 32 zero bytes: nobody's account.
    static let none = AccountID(PublicKey(bytes: [UInt8](repeating: 0, count: 32))!)
}

extension Supply {
    static let nothing = Supply(
        minted: .zero, balances: .zero, staked: .zero, unbonding: .zero, escrowed: .zero, treasury: .zero,
        channels: .zero, bonds: .zero, auditPool: .zero)
}
