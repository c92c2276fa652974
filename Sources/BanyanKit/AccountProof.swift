public import API
internal import Chain
internal import Consensus
internal import Keys
internal import Ledger
internal import Wire

/// A proof of what an account has, as `banyan proof account` writes it: checked with the genesis of the network and nothing else.
public struct AccountProof: Sendable {
    /// What a proof that holds shows.
    public struct Finding: Codable, Sendable {
        public let account: AccountReport
        /// Of the block after which it was so.
        public let height: UInt64
        /// Hexadecimal digest of the validators that signed.
        public let validators: String
    }

    /// The account it is about, `ban1…`.
    public var account: String { "\(id)" }
    private let id: AccountID
    private let bundle: AccountProofBundle

    /// - Parameter file: the content of the file: a line with the account, and the proof.
    /// - Throws: `Problem` when it is no such file.
    public init(file: [UInt8]) throws(Problem) {
        guard let end = file.firstIndex(of: UInt8(ascii: "\n")),
            let id = AccountID(String(decoding: file[..<end], as: UTF8.self))
        else { throw .invalid("This is no file of 'banyan proof account'.") }
        self.id = id
        do throws(WireError) { bundle = try AccountProofBundle(canonicalBytes: Array(file[(end + 1)...])) } catch {
            throw .invalid("The proof does not hold: \(error)")
        }
    }

    /// Checks the proof: that the entry belongs to the state of a block, and that more than two thirds of trusted validators signed it.
    /// - Parameters:
    ///   - genesis: the content of the network's genesis file, which you trust.
    ///   - validators: hexadecimal digest of a set you trust, when those of the genesis have changed since; nil for those of the genesis.
    /// - Throws: `Problem` that says why it does not hold.
    public func verify(genesis: [UInt8], validators: String? = nil) throws(Problem) -> Finding {
        let first: ChainState
        let digest: Digest
        do {
            let genesis = try Genesis(canonicalBytes: genesis)
            digest = genesis.digest
            first = try ChainState(genesis: genesis)
        } catch { throw .invalid("This is no genesis file: \(error)") }
        var trusted = first.validators.digest
        if let validators {
            guard let named = Digest(hex: validators) else { throw .invalid("'\(validators)' is no digest.") }
            trusted = named
        }
        do {
            let bytes = try bundle.verify(.account(id), genesis: digest, trusted: trusted)
            return report(try bytes.map { try Account(canonicalBytes: $0) } ?? Account())
        } catch { throw .invalid("The proof does not hold: \(error)") }
    }

    private func report(_ value: Account) -> Finding {
        let report = AccountReport(
            account: account, balance: String(value.balance.seeds), stake: String(value.stake.seeds),
            unbonding: String(value.unbondingTotal.seeds), reputationLevel: Int(value.reputation.level),
            node: value.node.map { "\($0.node)" }, height: bundle.height)
        return Finding(account: report, height: bundle.height, validators: "\(bundle.validators.digest)")
    }
}
