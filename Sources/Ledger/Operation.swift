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

    /// Operations that a registered node key may sign for its account: they spend the fee and nothing else.
    package var isWork: Bool {
        switch self {
        case .joinJob, .receipt, .verdict, .aggregate: true
        case .transfer, .stake, .unstake, .registerNode, .postJob, .openRound: false
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
        case let tag: throw .unknownTag(UInt64(tag), of: "Operation")
        }
    }
}
