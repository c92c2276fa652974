import Chain
import Inference
import Keys
import Ledger

/// Accounts and keys as the ledger knows them.
struct RegistryOnChain: Registry {
    let chain: ChainService

    func standing(of account: AccountID) async -> Standing {
        guard let known = await chain.head.state.account(account), !known.isBanned else { return .unknown }
        return Standing(stake: known.stake.seeds, level: UInt8(clamping: known.inference.level))
    }

    func speaks(_ key: PublicKey, for account: AccountID) async -> Bool {
        if key == account.key { return true }
        guard let node = await chain.head.state.account(account)?.node else { return false }
        return node.node == key && node.isValid(at: WallClock.milliseconds() / 1000)
    }
}
