import Keys
import Wire

let keysDecoders: [Decoder] = [
    .canonical("keys.peer", [key.peer]),
    Decoder("keys.peer.text", seeds: [Array(key.peer.description.utf8)]) {
        guard let peer = PeerID(String(decoding: $0, as: UTF8.self)) else { return false }
        precondition(PeerID(peer.description) == peer, "the text does not read back")
        return true
    },
    Decoder("keys.account.text", seeds: [Array(AccountID(key.publicKey).description.utf8)]) {
        guard let account = AccountID(String(decoding: $0, as: UTF8.self)) else { return false }
        precondition(AccountID(account.description) == account, "the text does not read back")
        return true
    },
    .canonical("keys.certificate", [NodeCertificate.issue(by: key, for: key.publicKey, issued: 1_700_000_000)]),
    .canonical("keys.receipt", [receipt]),
    .canonical("keys.inclusion", (0..<5).map { tree.proof(for: $0) }),
    Decoder("keys.inclusion.verify", seeds: (0..<5).map { tree.proof(for: $0).canonicalBytes }) {
        guard let proof = try? InclusionProof(canonicalBytes: $0) else { return false }
        return proof.verifies(leaf: [3], root: tree.root) || true
    },
    Decoder("keys.consistency.verify", seeds: (1...5).map { tree.consistencyProof(from: $0).canonicalBytes }) {
        guard let proof = try? ConsistencyProof(canonicalBytes: $0) else { return false }
        return proof.verifies(earlier: tree.root, later: tree.root) || true
    },
    Decoder("keys.subtree.verify", seeds: [tree.subtreeProof(for: 2..<4).canonicalBytes]) {
        guard let proof = try? SubtreeProof(canonicalBytes: $0) else { return false }
        return proof.verifies(subtree: tree.root, root: tree.root) || true
    },
    Decoder("keys.envelope", seeds: [record.sealed(by: key).bytes]) {
        (try? SignedEnvelope(bytes: $0)) != nil
    },
    Decoder("keys.peer.record", seeds: [record.sealed(by: key).payload]) {
        (try? PeerRecord(payload: $0, signer: key.publicKey)) != nil
    },
]

private let key: SigningKey = {
    guard let key = SigningKey(seed: [UInt8](repeating: 1, count: 32)) else { preconditionFailure("32 bytes") }
    return key
}()

private let tree = MerkleTree(leaves: (0..<5).map { [$0] })

private let record = PeerRecord(
    peer: key.peer, sequence: 7,
    addresses: ["/ip4/1.2.3.4/tcp/5", "/ip6/::1/udp/4001/quic-v1"].compactMap { Multiaddress($0) })

private let receipt = Receipt(
    job: Digest(sha256: [1]), round: 2, worker: AccountID(key.publicKey), input: Digest(sha256: [3]),
    code: Digest(sha256: [4]), seed: Digest(sha256: [5]), checkpoints: Digest(sha256: [6]), count: 7,
    output: Digest(sha256: [8]), residual: .zero)
