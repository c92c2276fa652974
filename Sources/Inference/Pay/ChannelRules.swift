package import Ledger

/// How long channels live and how much is put into them. Derived from the ledger's parameters; heights are in blocks.
package struct ChannelRules: Hashable, Sendable {
    /// A new channel lives ten challenges long (86,400 blocks): a payer that loses its book waits so long for its money at most.
    package let life: UInt64
    /// With fewer blocks left a channel takes no new question: its payee needs time to claim.
    package let margin: UInt64
    /// Unused for so long, a channel is closed by its payer.
    package let idle: UInt64
    /// With fewer blocks left the payee claims, whatever there is.
    package let lastClaim: UInt64
    /// A claim below this can wait: the fee would be more than a ten-thousandth of it.
    package let claim: Amount
    package let fee: Amount
    package let minimumDeposit: Amount
    package let providerShare: UInt32

    package init(_ parameters: Parameters) {
        let challenge = parameters.channelChallengeBlocks
        life = challenge * 10
        margin = max(2, challenge / 10)
        idle = challenge
        lastClaim = max(1, challenge / 2)
        fee = parameters.minimumFee
        claim = fee.times(10_000, over: 1)
        minimumDeposit = parameters.channelMinimum
        providerShare = parameters.providerShare
    }

    /// Blocks in which a transaction that was handed over is in a block, or lost.
    package static let patience: UInt64 = 40
    /// Blocks after which a transaction cannot come any more: mempools keep them for 1,000.
    package static let mempoolLife: UInt64 = 1_200
    /// Questions that a new deposit pays for, when a tenth of the balance covers it.
    package static let questions: UInt64 = 10
}
