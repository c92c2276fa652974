import Keys
import Ledger
import Node
import Testing

/// A ledger with a rich validator, and an account that the tests enroll.
struct Town {
    static let start: UInt64 = 1_800_000_000
    static let fig = Amount.seedsPerFIG

    let rich: NodeIdentity
    let ours: NodeIdentity
    let other: NodeIdentity
    private let genesis: Genesis
    private(set) var state: State
    private var height: UInt64 = 0
    /// Of the last block, in Unix seconds.
    private(set) var time = start

    /// - Parameters:
    ///   - balance: of the account to enroll; nil leaves it out of the ledger.
    ///   - issued: the start of its certificate's life in Unix seconds; nil when it has registered no node.
    init(balance: Amount?, stake: Amount = .zero, issued: UInt64? = start, node: NodeIdentity? = nil) throws {
        let (rich, ours, other) = (Self.identity("rich"), Self.identity("ours"), Self.identity("other"))
        (self.rich, self.ours, self.other) = (rich, ours, other)
        var holders = [rich, other].map {
            Genesis.Holder(
                account: $0.accountID, balance: Amount(seeds: 1_000_000 * Self.fig),
                stake: Amount(seeds: 2_000 * Self.fig), node: Self.certificate(of: $0, issued: Self.start))
        }
        if let balance {
            let node = node ?? ours
            let certificate = issued.map {
                NodeCertificate.issue(by: ours.account, for: node.node.publicKey, issued: $0)
            }
            holders.append(
                Genesis.Holder(account: ours.accountID, balance: balance, stake: stake, node: certificate))
        }
        genesis = Genesis(name: "town", time: Self.start * 1000, parameters: Parameters(), holders: holders)
        state = try State(genesis: genesis)
    }

    static func identity(_ name: String) -> NodeIdentity {
        func key(_ kind: String) -> SigningKey {
            SigningKey(seed: Digest(sha256: Array("\(name) \(kind)".utf8)).bytes)!
        }
        return NodeIdentity(account: key("account"), node: key("node"))
    }

    private static func certificate(of identity: NodeIdentity, issued: UInt64) -> NodeCertificate {
        .issue(by: identity.account, for: identity.node.publicKey, issued: issued)
    }

    /// A block with one operation, signed by the right key.
    /// - Returns: why it changed nothing, or nil; and the transaction's id.
    @discardableResult
    mutating func block(
        _ operation: Operation, by identity: NodeIdentity, offences: [Offence] = []
    ) throws -> (failure: String?, id: Digest) {
        let key = operation.isWork ? identity.node : identity.account
        let transaction = Transaction.sign(
            operation, chain: genesis.digest, sender: identity.accountID, nonce: state.nextNonce(of: key.publicKey),
            fee: state.parameters.minimumFee, with: key)
        height += 1
        time += 1
        let outcome = try state.apply(
            [transaction],
            in: BlockContext(
                height: height, time: time * 1000, proposer: rich.accountID,
                beacon: Digest(sha256: Array("\(height)".utf8)), offences: offences))
        return (outcome.results[0].failure, transaction.id)
    }

    /// A job of the rich account that waits for trainers.
    @discardableResult
    mutating func post(stake: Amount, trainers: UInt32 = 3) throws -> Digest {
        let job = TrainingJob(
            model: Digest(sha256: [0]), specification: Digest(sha256: [1]), budget: Amount(seeds: 10), rounds: 1,
            trainers: trainers, committee: 1, minimumStake: stake, trainWindow: 5, auditWindow: 5, aggregateWindow: 5)
        let (failure, id) = try block(.postJob(job), by: rich)
        #expect(failure == nil)
        return id
    }

    func rule(trains: Bool = true, stake: Amount? = nil, audits: Bool = false) -> EnrollmentRule {
        EnrollmentRule(identity: ours, trains: trains, stake: stake, audits: audits)
    }

    func next(trains: Bool = true, stake: Amount? = nil, audits: Bool = false, at time: UInt64? = nil) -> Operation? {
        rule(trains: trains, stake: stake, audits: audits).next(in: state, time: time ?? self.time)
    }
}
