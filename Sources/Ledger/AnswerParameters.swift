package import Wire

/// The numbers of the rules about answers and their audits. Shares are in basis points.
package struct AnswerParameters: Hashable, Sendable, Canonical {
    /// Stake of a provider, and of an auditor, at least.
    package var providerStake = Amount(seeds: 100 * Amount.seedsPerFIG)
    /// Blocks in which a recorded answer can be accused, and its stake is locked.
    package var window: UInt32 = 1_000
    /// The chance that a recorded answer is audited by lot.
    package var auditShare: UInt32 = 500
    /// A wrong answer costs so many times its price at least.
    package var slash: UInt32 = 10
    /// A wrong answer costs so much at least, also when it was free.
    package var slashMinimum = Amount(seeds: Amount.seedsPerFIG / 10)
    /// Share of the stake that two receipts for one job cost at least.
    package var equivocationSlash: UInt32 = 1_000
    /// Members of a committee.
    package var committee: UInt32 = 5
    /// Heights for the commitments, and after them for the findings.
    package var commitWindow: UInt32 = 200
    package var revealWindow: UInt32 = 100
    /// What a seat in a committee earns: a share of the answer's price, and so much at least.
    package var seatShare: UInt32 = 8_000
    package var seatMinimum = Amount(seeds: Amount.seedsPerFIG / 1_000)
    /// Bond of an accuser at least.
    package var bond = Amount(seeds: Amount.seedsPerFIG)
    /// What a member loses that reveals nothing, and one whose recomputation is not that of the others.
    package var silenceSlash = Amount(seeds: Amount.seedsPerFIG / 10)
    package var falsehoodSlash = Amount(seeds: Amount.seedsPerFIG)
    /// Seconds after the end of a node key's certificate in which its receipts are evidence: 21 days.
    package var evidenceAge: UInt64 = 21 * 24 * 60 * 60
    /// Blocks that each side of a dispute may take for all of its moves together.
    package var disputeBudget: UInt32 = 1_000
    /// Blocks in which an answer that a committee found right can be disputed, with each of the members that said so and with the provider.
    package var appealWindow: UInt32 = 1_000
    /// Blocks between the last finding against an answer and its slash: a client that has planted the fault says so in them.
    package var pleaWindow: UInt32 = 4
    /// Blocks in which a provider can dispute with the members that have found its answer wrong. Short: its node is online, and others wait for
    /// what it was slashed.
    package var convictionWindow: UInt32 = 100

    package init() {}

    /// What a wrong answer costs its provider; so much stake must cover an open one.
    ///
    /// Half of a slash can come back to its victim through an accuser of its own, so the other half alone exceeds
    /// payment ÷ probability of detection: cheating never pays, not even with the accuser on one's side.
    package func risk(of payment: Amount) -> Amount {
        let multiple = payment.times(UInt64(slash), over: 1)
        let gain = payment.times(20_000, over: UInt64(auditShare))
        return max(slashMinimum, multiple, gain.adding(Amount(seeds: 2)) ?? gain)
    }

    /// What one seat in the audit of an answer earns.
    package func seatPayment(of price: Amount) -> Amount {
        max(seatMinimum, price.times(UInt64(seatShare), over: 10_000))
    }

    /// What so many members of an audit earn together.
    package func wages(of members: Int, for price: Amount) -> Amount {
        seatPayment(of: price).times(UInt64(members), over: 1)
    }

    /// What a member loses that has confirmed a wrong answer: ten of its wages at least, so that one appeal in ten makes it a bad trade.
    package func falsehood(of price: Amount) -> Amount {
        max(falsehoodSlash, seatPayment(of: price).times(UInt64(slash), over: 1))
    }

    /// What an accuser must put at stake: the work of the whole committee.
    package func bond(of payment: Amount) -> Amount {
        max(bond, wages(of: Int(committee), for: payment))
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(providerStake)
        for number in [window, auditShare, slash] { writer.write(number) }
        writer.write(slashMinimum)
        for number in [equivocationSlash, committee, commitWindow, revealWindow, seatShare] { writer.write(number) }
        for amount in [seatMinimum, bond, silenceSlash, falsehoodSlash] { writer.write(amount) }
        writer.write(evidenceAge)
        for window in [disputeBudget, appealWindow, pleaWindow, convictionWindow] { writer.write(window) }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> AnswerParameters {
        var parameters = AnswerParameters()
        parameters.providerStake = try reader.read()
        parameters.window = try reader.readUInt32()
        parameters.auditShare = try reader.readUInt32()
        parameters.slash = try reader.readUInt32()
        parameters.slashMinimum = try reader.read()
        parameters.equivocationSlash = try reader.readUInt32()
        parameters.committee = try reader.readUInt32()
        parameters.commitWindow = try reader.readUInt32()
        parameters.revealWindow = try reader.readUInt32()
        parameters.seatShare = try reader.readUInt32()
        parameters.seatMinimum = try reader.read()
        parameters.bond = try reader.read()
        parameters.silenceSlash = try reader.read()
        parameters.falsehoodSlash = try reader.read()
        parameters.evidenceAge = try reader.readUInt64()
        parameters.disputeBudget = try reader.readUInt32()
        parameters.appealWindow = try reader.readUInt32()
        parameters.pleaWindow = try reader.readUInt32()
        parameters.convictionWindow = try reader.readUInt32()
        let shares = 1...UInt32(10_000)
        guard shares.contains(parameters.auditShare), parameters.equivocationSlash <= 10_000 else {
            throw .invalid("a share above the whole, or of nothing")
        }
        guard (1...UInt32(JobRecord.memberLimit)).contains(parameters.committee) else {
            throw .invalid("a committee of \(parameters.committee)")
        }
        for window in [
            parameters.window, parameters.commitWindow, parameters.revealWindow, parameters.disputeBudget,
            parameters.appealWindow, parameters.pleaWindow, parameters.convictionWindow,
        ] where window == 0 {
            throw .invalid("a window of no heights")
        }
        return parameters
    }
}
