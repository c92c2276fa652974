import Foundation
import Inference
import Keys
import Logging
import Models
import Proofs
import Simulation
import Store
import Swarm
import Synchronization
import Testing
import Transport
import Wire

func key(_ seed: UInt64) -> SigningKey { .seeded(seed) }

func peer(_ seed: UInt64) -> PeerID { key(seed).peer }
/// The account of node `index`; its node key is `key(index)`.
func accountKey(_ index: UInt64) -> SigningKey { key(index + 1_000_000) }
func account(_ index: UInt64) -> AccountID { AccountID(accountKey(index).publicKey) }
func digest(_ number: UInt64) -> Digest { Digest(of: number.canonicalBytes, domain: "test") }

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Milliseconds since 1970, for everybody.
let testTime: UInt64 = 1_700_000_000_000

func certificate(_ index: UInt64) -> NodeCertificate {
    .issue(by: accountKey(index), for: key(index).publicKey, issued: testTime / 1000 - 60)
}

func sampling(_ tokens: UInt32, temperature: UInt32 = 0) -> SamplingParameters {
    SamplingParameters(temperature: temperature, maximumTokens: tokens)!
}

func request(
    client: UInt64 = 0, provider: UInt64 = 1, model: Digest = FakeEngine.choice.model, prompt: [TokenID] = [1, 2, 3],
    tokens: UInt32 = 8, temperature: UInt32 = 0, verification: VerificationMode = .merkle, price: UInt64 = 0,
    nonce: UInt64 = 0
) -> InferenceRequest {
    InferenceRequest(
        client: account(client), provider: account(provider), node: key(provider).publicKey, model: model,
        arithmetic: .float32, prompt: prompt, sampling: sampling(tokens, temperature: temperature),
        nonce: digest(nonce), verification: verification, pricePerToken: price, maximumPrice: price * UInt64(tokens))!
}

/// Every node's key speaks for its account; everybody has the same standing.
struct TestRegistry: Registry {
    private static let nodes = Dictionary(
        uniqueKeysWithValues: (0..<32 as Range<UInt64>).map {
            (InferenceTests.account($0), InferenceTests.key($0).publicKey)
        })

    var standing = Standing(stake: 1, level: 1)
    func standing(of account: AccountID) async -> Standing { standing }
    func speaks(_ key: PublicKey, for account: AccountID) async -> Bool {
        Self.nodes[account] == key
    }
}

/// A directory that goes with the last reference.
final class TemporaryDirectory: Sendable {
    let path: String
    init() {
        path = NSTemporaryDirectory() + "inference-\(UUID().uuidString)"
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// `#expect` for calls that change a value.
func check(_ holds: Bool, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(holds, comment, sourceLocation: sourceLocation)
}
