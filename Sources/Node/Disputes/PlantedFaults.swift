import Keys
import Ledger
import Models
import Proofs
import Wire

/// The salts of the faults that an account plants. Each follows from the account's key and the prompt, so that nothing of it has to be kept: a node
/// that starts again knows its plants by their requests.
struct PlantedFaults: Sendable {
    private let key: SigningKey
    private let account: AccountID

    /// - Parameter key: of the account that asks.
    init(key: SigningKey) {
        self.key = key
        account = AccountID(key.publicKey)
    }

    /// The nonce of a question whose answer is to be wrong.
    func nonce(for prompt: [TokenID]) -> Digest {
        PlantedFault.nonce(of: account, salt: salt(InferenceRequest.inputDigest(of: prompt)))
    }

    /// What opens the plant.
    /// - Returns: nil when the request is none of this account's plants.
    func opened(_ exchange: Exchange) -> PlantedFault? {
        let request = exchange.request.request
        let salt = salt(request.inputDigest)
        guard request.client == account, request.nonce == PlantedFault.nonce(of: account, salt: salt) else {
            return nil
        }
        return PlantedFault(answer: exchange.receipt.answer, request: request.canonicalBytes, salt: salt)
    }

    /// Of the account's VRF: nobody else can compute it, so nobody sees that a request is a plant.
    private func salt(_ prompt: Digest) -> Digest {
        let alpha = Digest(of: prompt.bytes, domain: "salt of a planted fault").bytes
        return Digest(of: key.prove(alpha: alpha).bytes, domain: "salt of a planted fault")
    }
}
