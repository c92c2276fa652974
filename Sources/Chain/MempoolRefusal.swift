package import Keys
package import Ledger

extension Mempool {
    /// Why a transaction does not wait here.
    package enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        case known(Digest)
        case tooLarge(bytes: Int)
        /// A large part of a dispute that no dispute waits for now.
        case notAwaited
        /// The key's next nonce is another one; nonces may not leave a gap.
        case nonce(got: UInt64, expected: UInt64)
        /// The same key and nonce wait here already, for a fee that is not lower.
        case replaced(by: Digest)
        case tooManyOfSigner(PublicKey)
        /// The pool is full, and what it holds pays more per byte.
        case full
        /// The sender does not have what it wants to spend, fees and what waits before it included.
        case overdraft(balance: Amount, amount: Amount, needed: Amount)
        case ledger(Rejection)

        package var description: String {
            switch self {
            case .known(let id): "transaction \(id.short) is known already"
            case .tooLarge(let bytes):
                "a transaction of \(bytes) bytes is above the limit of \(ChainMessage.transactionByteLimit)"
            case .notAwaited: "no dispute waits for this"
            case .nonce(let got, let expected): "nonce \(got) is not the next one of this key, which is \(expected)"
            case .replaced(let id): "transaction \(id.short) with the same nonce waits already and pays no less"
            case .tooManyOfSigner(let key): "the key \(key) has too many transactions waiting; wait for the next block"
            case .full: "too many transactions wait; offer a higher fee or wait"
            case .overdraft(let balance, let amount, let needed):
                "the balance is \(balance), and \(amount) with its fee and what waits already needs \(needed); send less, or wait for money to arrive"
            case .ledger(let rejection): "\(rejection)"
            }
        }

        /// Whether the bytes themselves are wrong on any correct node: whoever sent them is at fault.
        package var isFault: Bool {
            switch self {
            case .tooLarge: true
            case .ledger(let rejection): rejection.isFault
            case .known, .notAwaited, .nonce, .replaced, .tooManyOfSigner, .full, .overdraft: false
            }
        }
    }
}

extension Rejection {
    /// Whether no correct node could have taken the transaction; otherwise it may only have come late or early.
    var isFault: Bool {
        switch self {
        case .wrongChain, .signature: true
        case .signer, .nonce, .fee, .balance: false
        }
    }
}
