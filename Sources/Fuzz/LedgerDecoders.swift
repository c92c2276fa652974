import Keys
import Ledger
import Wire

let ledgerDecoders: [Decoder] = [
    .canonical("ledger.transaction", Examples.operations(Examples.digest(7)).map { Examples.transaction($0) }),
    .canonical("ledger.genesis", [Examples.genesis]),
    .canonical(
        "ledger.voucher",
        [SignedVoucher.sign(Voucher(channel: .zero, amount: Amount(seeds: 7)), with: Examples.nodes[0])]),
    .canonical("ledger.answer", answerStates),
    .canonical(
        "ledger.dispute",
        [
            DisputeRecord(
                challenger: Examples.ids[0], defender: Examples.ids[2], bond: Amount(seeds: 5), turn: .challenger,
                deadline: 99, moves: 3)
        ]),
    // Values of the state, which a light client is shown with a proof.
    .canonical("ledger.account", [Account(balance: Amount(seeds: 5), node: Examples.certificate(0))]),
    .canonical("ledger.job", [JobRecord(job: Examples.job, owner: Examples.ids[0])]),
    Decoder("ledger.channel", seeds: [channel]) { bytes in
        guard let channel = try? Channel(canonicalBytes: bytes) else { return false }
        precondition(channel.canonicalBytes == bytes, "accepted bytes that are not the canonical form")
        return channel.rest <= channel.deposit
    },
    .canonical("ledger.proof", proofs),
    Decoder("ledger.proof.verify", seeds: proofs.map(\.canonicalBytes)) {
        guard let proof = try? StateProof(canonicalBytes: $0) else { return false }
        _ = try? proof.verify(.account(Examples.ids[0]), root: world.root)
        return true
    },
    Decoder("ledger.snapshot", seeds: [world.snapshot]) { (try? State(snapshot: $0)) != nil },
    // Whole blocks of operations against a state in which a round is open: whatever they hold, the state transition ends, and
    // asserts that the supply is conserved.
    Decoder("ledger.apply", seeds: blocks) { bytes in
        var reader = ByteReader(bytes)
        var state = world
        var nonces = Examples.ids.indices.map { world.nextNonce(of: Examples.accounts[$0].publicKey) }
        var transactions: [Transaction] = []
        while reader.remaining > 0, transactions.count < 8 {
            guard let actor = try? reader.readUInt8(), let operation = try? reader.read(Operation.self) else { break }
            let index = Int(actor % 4)
            transactions.append(
                Transaction(
                    chain: world.chain, sender: Examples.ids[index], signer: Examples.accounts[index].publicKey,
                    nonce: nonces[index], fee: Amount(seeds: 1_000), operation: operation, signature: unused))
            nonces[index] += 1
        }
        guard !transactions.isEmpty else { return false }
        let context = BlockContext(
            height: 4, time: 1_700_000_004_000, proposer: Examples.ids[3], beacon: Examples.digest(4))
        do throws(BlockRejection) {
            _ = try state.apply(transactions, in: context, trusting: Set(transactions.map(\.id)))
        } catch {
            // An account that gave everything away cannot pay the next fee.
            guard case .transaction = error else { preconditionFailure("\(error)") }
            return false
        }
        // Further blocks, until every deadline of the round is past.
        for height in 5...40 as ClosedRange<UInt64> where height < 8 || height.isMultiple(of: 8) {
            let empty = BlockContext(
                height: height, time: 1_700_000_000_000 + height * 1000, proposer: Examples.ids[0],
                beacon: Examples.digest(5))
            do { _ = try state.apply([], in: empty) } catch {
                preconditionFailure("an empty block was refused: \(error)")
            }
        }
        return true
    },
]

/// A channel that is half spent.
private let channel: [UInt8] = {
    var writer = ByteWriter()
    writer.write(Examples.ids[0])
    writer.write(Examples.ids[1])
    writer.write(Examples.nodes[0].publicKey)
    writer.write(Amount(seeds: 10))
    writer.write(Amount(seeds: 5))
    writer.write(UInt64(99))
    writer.write(false)
    return writer.bytes
}()

private let unused = Examples.nodes[0].signRaw([])

private let jobTransaction = Examples.transaction(.postJob(Examples.job))

/// A state in which a job is posted and its first round open, with two trainers; two accounts audit answers.
private let world: State = {
    guard var state = try? State(genesis: Examples.genesis) else { preconditionFailure("the genesis is valid") }
    let blocks: [[Transaction]] = [
        [
            jobTransaction, Examples.transaction(.volunteer(true), from: 2),
            Examples.transaction(.volunteer(true), from: 3),
        ],
        [
            Examples.transaction(.joinJob(jobTransaction.id), nonce: 2),
            Examples.transaction(.joinJob(jobTransaction.id), from: 1),
        ], [Examples.transaction(.receipt(Examples.receipt(jobTransaction.id)), nonce: 3)],
    ]
    for (index, transactions) in blocks.enumerated() {
        let height = UInt64(index) + 1
        let context = BlockContext(
            height: height, time: 1_700_000_000_000 + height * 1000, proposer: Examples.ids[0],
            beacon: Examples.digest(UInt8(height)))
        guard (try? state.apply(transactions, in: context)) != nil else { preconditionFailure("block \(height)") }
    }
    return state
}()

/// Answers as the state holds them: recorded, under audit with members that have spoken, and closed.
private let answerStates: [AnswerState] = {
    guard var state = try? State(genesis: Examples.genesis) else { preconditionFailure("the genesis is valid") }
    var states: [AnswerState] = [.closed(.correct), .closed(.unavailable), .closed(.planted)]
    guard case .recordAnswers(let records)? = Examples.serviceOperations.first(where: { $0.name == "recordAnswers" }),
        let record = records.first
    else { preconditionFailure("the examples hold an answer") }
    let accusation = Accusation(answer: record, bond: Amount(fig: 1) ?? .zero)
    let blocks: [[Transaction]] = [
        [
            Examples.transaction(.recordAnswers(records), from: 1), Examples.transaction(.volunteer(true), from: 2),
            Examples.transaction(.volunteer(true), from: 3),
        ],
        [Examples.transaction(.accuse(accusation), from: 3, nonce: 2)], [],
    ]
    for (index, transactions) in blocks.enumerated() {
        let height = UInt64(index) + 1
        let context = BlockContext(
            height: height, time: 1_700_000_000_000 + height * 1000, proposer: Examples.ids[0],
            beacon: Examples.digest(UInt8(height)))
        guard (try? state.apply(transactions, in: context)) != nil, let answer = state.answer(record.id) else {
            preconditionFailure("block \(height)")
        }
        states.append(answer)
    }
    let appeal = AnswerAppeal(
        upholders: [Examples.ids[2]],
        appellants: [
            AnswerAppeal.Appellant(account: Examples.ids[0], loss: .zero),
            AnswerAppeal.Appellant(account: Examples.ids[3], loss: Amount(seeds: 7)),
        ], loners: [.init(account: Examples.ids[1], value: Examples.digest(6), loss: Amount(seeds: 9))],
        seed: Examples.digest(5), isShaken: true, isFaulty: true, end: 99)
    states.append(
        .open(OpenAnswer(answer: record, isRecorded: true, end: 9, risk: Amount(seeds: 3), appeal: appeal)))
    let conviction = AnswerConviction(
        members: [.init(account: Examples.ids[2], fault: AnswerFault(code: 33, step: 4), isWinner: true)],
        outvoted: appeal.appellants, held: Amount(seeds: 8), accuser: nil, price: Amount(seeds: 5), end: 77)
    states.append(
        .open(OpenAnswer(answer: record, isRecorded: true, end: 9, risk: .zero, conviction: conviction)))
    return states
}()

private let proofs = [StateKey.account(Examples.ids[0]), .job(jobTransaction.id), .job(.zero)].map { world.prove($0) }

/// One operation each by each account, and all of them in a row.
private let blocks: [[UInt8]] = {
    let operations = Examples.operations(jobTransaction.id).enumerated().flatMap { index, operation in
        (0..<2 as Range<UInt8>).map { [UInt8(index % 4) ^ $0] + operation.canonicalBytes }
    }
    let service = operations.suffix(2 * Examples.serviceOperations.count)
    return operations + [
        operations[..<8].flatMap(\.self), operations[10..<18].flatMap(\.self), service.prefix(8).flatMap(\.self),
        service.suffix(8).flatMap(\.self),
    ]
}()

/// A proof of a state, for the bundle that the chain makes of it.
let exampleProof = proofs[0]
