import Chain
import Consensus
import Keys
import Ledger
import Store
import Wire

/// A small chain for tests: validators with keys of a seed, and one rich account.
struct TestChain {
    struct Member {
        let root: SigningKey
        let node: SigningKey
        var account: AccountID { AccountID(root.publicKey) }
        var peer: PeerID { PeerID(node.publicKey) }
    }

    /// Milliseconds since 1970: the genesis, and the start of every test's clock.
    static let epoch: UInt64 = 1_700_000_000_000

    let members: [Member]
    let rich: SigningKey
    let genesis: Genesis

    /// - Parameter stake: of each validator, in FIG; 1,000 is the least that a validator may have.
    init(validators: Int, followers: Int = 0, seed: UInt64 = 1, stake: UInt64 = 1_000, name: String = "test") {
        func key(_ purpose: String, _ index: Int) -> SigningKey {
            var writer = ByteWriter()
            writer.write(seed)
            writer.write(purpose)
            writer.write(UInt64(index))
            return SigningKey(seed: Digest(of: writer.bytes, domain: "test key").bytes)!
        }
        members = (0..<validators + followers).map { Member(root: key("root", $0), node: key("node", $0)) }
        rich = key("rich", 0)
        var holders = members.enumerated().map { index, member in
            Genesis.Holder(
                account: member.account, balance: Amount(fig: 10)!,
                stake: index < validators ? Amount(fig: stake)! : .zero,
                node: NodeCertificate.issue(
                    by: member.root, for: member.node.publicKey, issued: Self.epoch / 1000))
        }
        holders.append(Genesis.Holder(account: AccountID(rich.publicKey), balance: Amount(fig: 1_000_000)!))
        genesis = Genesis(name: name, time: Self.epoch, parameters: Parameters(), holders: holders)
    }

    func transfer(nonce: UInt64, fee: UInt64 = 1_000, amount: UInt64 = 5, from: SigningKey? = nil) -> Transaction {
        let key = from ?? rich
        return Transaction.sign(
            .transfer(to: members[0].account, amount: Amount(seeds: amount)), chain: genesis.digest,
            sender: AccountID(key.publicKey), nonce: nonce, fee: Amount(seeds: fee), with: key)
    }

    /// The next block on `state`, decided by everybody.
    func next(on state: ChainState, last: Commit?, _ transactions: [Transaction] = [], evidence: [Evidence] = [])
        -> (DecidedBlock, Execution)
    {
        let member = members.first { $0.account == state.validators.proposer }!
        let built = state.build(
            transactions: transactions, verified: [], evidence: evidence, lastCommit: last, time: state.lastTime + 100,
            proposer: member.account, key: member.node)!
        return (DecidedBlock(block: built.block, commit: commit(of: built.block, in: state)), built.execution)
    }

    func commit(of block: Block, in state: ChainState, round: Round = 0) -> Commit {
        let slots = state.validators.validators.map { validator -> Commit.Slot in
            let member = members.first { $0.account == validator.id }!
            let vote = Vote(.precommit, height: block.height, round: round, block: block.id, voter: validator.id)
            return .commit(member.node.sign(vote.signBytes(chain: state.chain), for: .vote))
        }
        return Commit(height: block.height, round: round, block: block.id, slots: slots)
    }
}
