import Keys
import Ledger
import Models
import Node
import Proofs
import Testing
import Wire

/// A ledger on which one client disputes the answers of one provider, with the referee that nodes have.
struct Court {
    static let budget: UInt64 = 50
    private static let start: UInt64 = 1_800_000_000
    private static let balance = Amount(fig: 1_000)!
    static let stake = Amount(fig: 200)!
    /// Makes the blocks, and is the committee of every audit.
    static let validator = Sample.key(9)

    private let genesis: Genesis
    private(set) var state: State
    private(set) var height: UInt64 = 0
    /// Bytes of the largest move and of the largest state so far.
    private(set) var largestMove = 0
    private(set) var largestState = 0

    init() throws {
        var parameters = Parameters()
        parameters.answers.disputeBudget = UInt32(Self.budget)
        func holder(_ key: SigningKey, node: SigningKey?, stake: Amount) -> Genesis.Holder {
            Genesis.Holder(
                account: AccountID(key.publicKey), balance: Self.balance, stake: stake,
                node: node.map { .issue(by: key, for: $0.publicKey, issued: Self.start) })
        }
        genesis = Genesis(
            name: "court", time: Self.start * 1000, parameters: parameters,
            holders: [
                holder(Self.validator, node: Sample.key(8), stake: Amount(fig: 2_000)!),
                holder(Sample.provider, node: Sample.node, stake: Self.stake),
                holder(Sample.client, node: nil, stake: .zero),
            ])
        state = try State(genesis: genesis)
    }

    static let provider = AccountID(Sample.provider.publicKey)
    static let client = AccountID(Sample.client.publicKey)
    static let member = AccountID(validator.publicKey)

    /// A block with one operation, signed by a root key.
    /// - Returns: what the block did.
    @discardableResult
    mutating func block(_ operation: Operation? = nil, by key: SigningKey? = nil) throws -> BlockOutcome {
        height += 1
        let context = BlockContext(
            height: height, time: (Self.start + height) * 1000, proposer: AccountID(Self.validator.publicKey),
            beacon: Digest(sha256: height.canonicalBytes))
        var transactions: [Transaction] = []
        if let operation, let key {
            // As it comes from another node.
            let operation = try Operation(canonicalBytes: operation.canonicalBytes)
            let fee = state.parameters.minimumFee.times(operation.feeUnits, over: 1)
            transactions = [
                .sign(
                    operation, chain: genesis.digest, sender: AccountID(key.publicKey),
                    nonce: state.nextNonce(of: key.publicKey), fee: fee, with: key)
            ]
        }
        let outcome = try state.apply(transactions, in: context, referee: LedgerReferee())
        #expect(state.supply.isConserved)
        return outcome
    }

    mutating func open(
        _ dispute: DisputeCase, with member: AccountID? = nil, bond: Amount = Amount(fig: 5)!,
        by key: SigningKey = Sample.client
    ) throws -> BlockOutcome {
        try block(
            .openDispute(DisputeOpening(bond: bond, member: member, opening: dispute.canonicalBytes)),
            by: key)
    }

    /// The client accuses; the committee, which is one, says what it likes.
    mutating func audit(_ exchange: Exchange, _ finding: (AuditFinding.Recomputation) -> AuditFinding) throws {
        let request = exchange.request.request
        let price = Amount(seeds: request.price(tokens: exchange.answer.output.count))
        let record = AnswerRecord(signed: exchange.receipt, client: request.client, payment: price)
        try block(.volunteer(true), by: Self.validator)
        try block(.accuse(Accusation(answer: record, bond: Amount(fig: 5)!)), by: Sample.client)
        try block()
        let made = AuditFinding.Recomputation(value: .zero, price: price)
        let reveal = AuditReveal(answer: record.id, finding: finding(made), salt: .zero)
        let commitment = AuditCommitment(answer: record.id, digest: reveal.commitment(of: Self.member))
        try block(.auditCommit(commitment), by: Self.validator)
        #expect(try block(.auditReveal(reveal), by: Self.validator).results[0].failure == nil)
    }

    /// The dispute about an answer as both sides read it from the ledger; nil when there is none.
    func dispute(_ id: AnswerID) throws -> (record: DisputeRecord, machine: DisputeMachine)? {
        guard let record = state.dispute(id), let bytes = state.disputeState(id) else { return nil }
        return (record, try ConductedDispute(canonicalBytes: bytes).machine)
    }

    @discardableResult
    mutating func move(_ move: [UInt8], in id: AnswerID) throws -> BlockOutcome {
        let record = try #require(state.dispute(id))
        largestMove = max(largestMove, move.count)
        let outcome = try block(
            .disputeMove(DisputeTurn(answer: id, number: record.moves, move: move)),
            by: [Self.client: Sample.client, Self.provider: Sample.provider][record.mover] ?? Self.validator)
        #expect(outcome.results.first?.failure == nil)
        largestState = max(largestState, state.disputeState(id)?.count ?? 0)
        return outcome
    }

    /// Plays to the end. A side that has nothing to say is silent.
    mutating func play(
        _ id: AnswerID, provider: (DisputeMachine) throws -> DisputeMove?,
        challenger: (DisputeMachine) throws -> DisputeMove?
    ) throws -> LedgerEvent.DisputeEnded {
        while let (record, machine) = try dispute(id) {
            let move = try record.turn == .defender ? provider(machine) : challenger(machine)
            let outcome = try move.map { try self.move($0.canonicalBytes, in: id) } ?? block()
            for case .disputeEnded(let end) in outcome.events { return end }
        }
        throw Silence()
    }

    struct Silence: Error {}
}
