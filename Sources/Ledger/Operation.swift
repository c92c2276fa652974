package import Keys
package import Wire

/// What a transaction does.
package enum Operation: Hashable, Sendable, Canonical {
    case transfer(to: AccountID, amount: Amount)
    case stake(Amount)
    case unstake(Amount)
    /// Binds a node key to the sender; replaces the one before.
    case registerNode(NodeCertificate)
    case postJob(TrainingJob)
    case joinJob(Digest)
    /// Opens the first round with the trainers that are there, at the owner's wish.
    case openRound(Digest)
    case receipt(Receipt)
    case verdict(Verdict)
    case aggregate(Aggregate)
    case openChannel(ChannelTerms)
    case topUpChannel(Digest, Amount)
    /// By the payee: takes what the voucher promises beyond what was paid before.
    case claimChannel(SignedVoucher)
    /// By the payee at once, by the payer with a delay.
    case closeChannel(Digest)
    /// By the provider; at most ``AnswerRecord/batchLimit``, all or none.
    case recordAnswers([AnswerRecord])
    case accuse(Accusation)
    case reportEquivocation(Equivocation)
    case auditCommit(AuditCommitment)
    case auditReveal(AuditReveal)
    /// Whether the sender can be drawn to audit answers from now on.
    case volunteer(Bool)
    /// By the client of an answer that was asked for with a window for disputes.
    case openDispute(DisputeOpening)
    case disputeMove(DisputeTurn)
    /// By the client of an answer whose fault it has planted, after a committee has found it.
    case plead(PlantedFault)
    /// By a member of a committee that has found an answer right with another value than the others.
    case showWitness(ShownWitness)

    /// Operations that a registered node key may sign for its account: they spend the fee and nothing else.
    package var isWork: Bool {
        switch self {
        case .joinJob, .receipt, .verdict, .aggregate, .claimChannel, .recordAnswers, .reportEquivocation, .auditCommit,
            .auditReveal, .volunteer, .showWitness:
            true
        case .transfer, .stake, .unstake, .registerNode, .postJob, .openRound, .openChannel, .topUpChannel,
            .closeChannel,
            .accuse, .openDispute, .disputeMove, .plead:
            false
        }
    }

    /// Large operations pay for their size: the least fee of a transaction is so many times the least fee of all.
    package var feeUnits: UInt64 {
        switch self {
        case .openDispute(let opening): 1 + UInt64(opening.opening.count) / 1024
        case .disputeMove(let turn): 1 + UInt64(turn.move.count) / 1024
        case .plead(let plant): 1 + UInt64(plant.request.count) / 1024
        case .showWitness(let shown): 1 + UInt64(shown.state.count) / 1024
        default: 1
        }
    }

    /// For people and listings, e.g. `transfer`.
    package var name: String {
        switch self {
        case .transfer: "transfer"
        case .stake: "stake"
        case .unstake: "unstake"
        case .registerNode: "registerNode"
        case .postJob: "postJob"
        case .joinJob: "joinJob"
        case .openRound: "openRound"
        case .receipt: "receipt"
        case .verdict: "verdict"
        case .aggregate: "aggregate"
        case .openChannel: "openChannel"
        case .topUpChannel: "topUpChannel"
        case .claimChannel: "claimChannel"
        case .closeChannel: "closeChannel"
        case .recordAnswers: "recordAnswers"
        case .accuse: "accuse"
        case .reportEquivocation: "reportEquivocation"
        case .auditCommit: "auditCommit"
        case .auditReveal: "auditReveal"
        case .volunteer: "volunteer"
        case .openDispute: "openDispute"
        case .disputeMove: "disputeMove"
        case .plead: "plead"
        case .showWitness: "showWitness"
        }
    }

    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .transfer(let recipient, let amount):
            writer.write(UInt8(0))
            writer.write(recipient)
            writer.write(amount)
        case .stake(let amount): write(1, amount, into: &writer)
        case .unstake(let amount): write(2, amount, into: &writer)
        case .registerNode(let certificate): write(3, certificate, into: &writer)
        case .postJob(let job): write(4, job, into: &writer)
        case .joinJob(let job): write(5, job, into: &writer)
        case .openRound(let job): write(6, job, into: &writer)
        case .receipt(let receipt): write(7, receipt, into: &writer)
        case .verdict(let verdict): write(8, verdict, into: &writer)
        case .aggregate(let aggregate): write(9, aggregate, into: &writer)
        case .openChannel(let terms): write(10, terms, into: &writer)
        case .topUpChannel(let channel, let amount):
            write(11, channel, into: &writer)
            writer.write(amount)
        case .claimChannel(let voucher): write(12, voucher, into: &writer)
        case .closeChannel(let channel): write(13, channel, into: &writer)
        case .recordAnswers(let answers):
            writer.write(UInt8(14))
            writer.write(list: answers)
        case .accuse(let accusation): write(15, accusation, into: &writer)
        case .reportEquivocation(let equivocation): write(16, equivocation, into: &writer)
        case .auditCommit(let commitment): write(17, commitment, into: &writer)
        case .auditReveal(let reveal): write(18, reveal, into: &writer)
        case .volunteer(let wanted):
            writer.write(UInt8(19))
            writer.write(wanted)
        case .openDispute(let opening): write(20, opening, into: &writer)
        case .disputeMove(let turn): write(21, turn, into: &writer)
        case .plead(let plant): write(22, plant, into: &writer)
        case .showWitness(let shown): write(23, shown, into: &writer)
        }
    }

    private func write(_ tag: UInt8, _ value: some Canonical, into writer: inout ByteWriter) {
        writer.write(tag)
        writer.write(value)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Operation {
        switch try reader.readUInt8() {
        case 0: .transfer(to: try reader.read(), amount: try reader.read())
        case 1: .stake(try reader.read())
        case 2: .unstake(try reader.read())
        case 3: .registerNode(try reader.read())
        case 4: .postJob(try reader.read())
        case 5: .joinJob(try reader.read())
        case 6: .openRound(try reader.read())
        case 7: .receipt(try reader.read())
        case 8: .verdict(try reader.read())
        case 9: .aggregate(try reader.read())
        case 10: .openChannel(try reader.read())
        case 11: .topUpChannel(try reader.read(), try reader.read())
        case 12: .claimChannel(try reader.read())
        case 13: .closeChannel(try reader.read())
        case 14: .recordAnswers(try reader.readList(limit: AnswerRecord.batchLimit))
        case 15: .accuse(try reader.read())
        case 16: .reportEquivocation(try reader.read())
        case 17: .auditCommit(try reader.read())
        case 18: .auditReveal(try reader.read())
        case 19: .volunteer(try reader.readBool())
        case 20: .openDispute(try reader.read())
        case 21: .disputeMove(try reader.read())
        case 22: .plead(try reader.read())
        case 23: .showWitness(try reader.read())
        case let tag: throw .unknownTag(UInt64(tag), of: "Operation")
        }
    }
}
