package import Wire

/// The numbers of the rules. They are part of the genesis. Shares are in basis points, 1/10,000.
package struct Parameters: Hashable, Sendable, Canonical {
    /// Milliseconds between two blocks at least.
    package var blockInterval: UInt32 = 100
    /// Milliseconds until an empty block is made.
    package var emptyBlockInterval: UInt32 = 10_000
    /// Fee of a transaction at least.
    package var minimumFee = Amount(seeds: 1_000)
    /// Stake of anyone who stakes at least: without it, dust could fill the list of those with stake.
    package var memberStake = Amount(seeds: Amount.seedsPerFIG)
    /// Stake of a validator at least.
    package var validatorStake = Amount(seeds: 1_000 * Amount.seedsPerFIG)
    /// Most validators at once: those with the most stake.
    package var validatorLimit: UInt32 = 100
    /// Blocks until withdrawn stake is free; longer than evidence is accepted.
    package var unbondingBlocks: UInt64 = 200_000
    /// Share of the stake that a double signature costs.
    package var doubleSignSlash: UInt32 = 500
    /// Share of a round's budget for the trainers; the rest is for the verifiers.
    package var trainersShare: UInt32 = 8_000
    /// A rejected update costs so many times its payment.
    package var rejectedUpdateSlash: UInt32 = 10
    /// A fault claimed against an update that is accepted costs so many times a trainer's payment.
    package var falseVerdictSlash: UInt32 = 1
    /// How often a round that fails is opened again.
    package var roundRetries: UInt32 = 3
    /// Deposit of a payment channel at least.
    package var channelMinimum = Amount(seeds: Amount.seedsPerFIG / 10)
    /// Blocks in which a payee may still claim after the payer has closed; a channel lives so long at least.
    package var channelChallengeBlocks: UInt64 = 8_640
    /// Shares of what a channel pays: for the payee, for the audit pool, for the treasury. Together the whole.
    package var providerShare: UInt32 = 7_000
    package var auditPoolShare: UInt32 = 2_000
    package var treasuryShare: UInt32 = 1_000
    package var answers = AnswerParameters()

    /// Blocks of a window at most: keeps heights far from 64 bits.
    static let windowLimit: UInt64 = 1 << 40

    package init() {}

    package func encode(into writer: inout ByteWriter) {
        writer.write(blockInterval)
        writer.write(emptyBlockInterval)
        writer.write(minimumFee)
        writer.write(memberStake)
        writer.write(validatorStake)
        writer.write(validatorLimit)
        writer.write(unbondingBlocks)
        for number in [doubleSignSlash, trainersShare, rejectedUpdateSlash, falseVerdictSlash, roundRetries] {
            writer.write(number)
        }
        writer.write(channelMinimum)
        writer.write(channelChallengeBlocks)
        for share in [providerShare, auditPoolShare, treasuryShare] { writer.write(share) }
        writer.write(answers)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Parameters {
        var parameters = Parameters()
        parameters.blockInterval = try reader.readUInt32()
        parameters.emptyBlockInterval = try reader.readUInt32()
        parameters.minimumFee = try reader.read()
        parameters.memberStake = try reader.read()
        parameters.validatorStake = try reader.read()
        parameters.validatorLimit = try reader.readUInt32()
        parameters.unbondingBlocks = try reader.readUInt64()
        parameters.doubleSignSlash = try reader.readUInt32()
        parameters.trainersShare = try reader.readUInt32()
        parameters.rejectedUpdateSlash = try reader.readUInt32()
        parameters.falseVerdictSlash = try reader.readUInt32()
        parameters.roundRetries = try reader.readUInt32()
        parameters.channelMinimum = try reader.read()
        parameters.channelChallengeBlocks = try reader.readUInt64()
        parameters.providerShare = try reader.readUInt32()
        parameters.auditPoolShare = try reader.readUInt32()
        parameters.treasuryShare = try reader.readUInt32()
        parameters.answers = try reader.read()
        guard parameters.doubleSignSlash <= 10_000, parameters.trainersShare <= 10_000 else {
            throw .invalid("a share above the whole")
        }
        let shares = [parameters.providerShare, parameters.auditPoolShare, parameters.treasuryShare]
        guard shares.reduce(0, { $0 + UInt64($1) }) == 10_000 else {
            throw .invalid("shares of a payment that are not the whole")
        }
        guard (1...windowLimit).contains(parameters.channelChallengeBlocks) else {
            throw .invalid("a channel's challenge of no blocks, or of too many")
        }
        return parameters
    }
}
