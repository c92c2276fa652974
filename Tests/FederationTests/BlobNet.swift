import Federation
import Keys
import Synchronization
import Wire

/// The blob stores of all nodes of a simulated swarm, and what moves between them.
final class BlobNet: Sendable {
    private struct Content {
        var stores: [AccountID: [Digest: [UInt8]]] = [:]
        var offline: Set<AccountID> = []
        /// Accounts that answer no request.
        var withholding: Set<AccountID> = []
        var bytesMoved = 0
        var leases: [AccountID: [RoundID: Set<Digest>]] = [:]
        var dice: SeededGenerator
    }

    private let content: Mutex<Content>
    /// Of a thousand requests, how many get no answer.
    let loss: UInt64

    init(seed: UInt64, loss: UInt64) {
        content = Mutex(Content(dice: SeededGenerator(seed: seed)))
        self.loss = loss
    }

    func put(_ bytes: [UInt8], at account: AccountID) -> Digest {
        let digest = Digest(of: bytes, domain: "blob")
        content.withLock { $0.stores[account, default: [:]][digest] = bytes }
        return digest
    }

    func get(_ digest: Digest, at account: AccountID, from holders: [AccountID], limit: Int) -> [UInt8]? {
        content.withLock { content in
            if let bytes = content.stores[account]?[digest] { return bytes }
            for holder in holders where !content.offline.contains(holder) && !content.withholding.contains(holder) {
                guard content.dice.next(below: 1000) >= loss, let blob = content.stores[holder]?[digest] else {
                    continue
                }
                guard let fetched = Self.download(digest, of: blob, limit: limit) else { continue }
                content.bytesMoved += fetched.count
                content.stores[account, default: [:]][digest] = fetched
                return fetched
            }
            return nil
        }
    }

    /// Moves a blob through the messages of the wire.
    private static func download(_ digest: Digest, of blob: [UInt8], limit: Int) -> [UInt8]? {
        var download = BlobDownload(of: digest, limit: limit)
        while true {
            guard let request = try? BlobRequest(canonicalBytes: download.request.canonicalBytes),
                let answer = try? BlobAnswer(canonicalBytes: request.answer(from: blob).canonicalBytes)
            else { return nil }
            do { if let whole = try download.accept(answer) { return whole } } catch { return nil }
        }
    }

    func lease(_ digests: [Digest], to attempt: RoundID, at account: AccountID) {
        content.withLock { $0.leases[account, default: [:]][attempt, default: []].formUnion(digests) }
    }

    func release(at account: AccountID, where isOver: (RoundID) -> Bool) {
        content.withLock { content in
            for (attempt, digests) in content.leases[account] ?? [:] where isOver(attempt) {
                for digest in digests { content.stores[account]?[digest] = nil }
                content.leases[account]?[attempt] = nil
            }
        }
    }

    func leased(at account: AccountID) -> Set<RoundID> {
        content.withLock { Set($0.leases[account, default: [:]].keys) }
    }

    func has(_ digest: Digest, at account: AccountID) -> Bool {
        content.withLock { $0.stores[account]?[digest] != nil }
    }

    func count(at account: AccountID) -> Int { content.withLock { $0.stores[account]?.count ?? 0 } }
    var bytesMoved: Int { content.withLock { $0.bytesMoved } }

    func set(_ account: AccountID, online: Bool) {
        content.withLock { if online { $0.offline.remove(account) } else { $0.offline.insert(account) } }
    }

    func withhold(_ account: AccountID) { content.withLock { _ = $0.withholding.insert(account) } }
}

/// The store of one node, and its way to the others.
struct NodeBlobs: Blobs {
    let net: BlobNet
    let account: AccountID

    func put(_ bytes: [UInt8]) async throws -> Digest { net.put(bytes, at: account) }
    func get(_ digest: Digest, from holders: [AccountID], limit: Int) async -> [UInt8]? {
        net.get(digest, at: account, from: holders, limit: limit)
    }
    func lease(_ digests: [Digest], to attempt: RoundID) async { net.lease(digests, to: attempt, at: account) }
    func release(_ attempt: RoundID) async { net.release(at: account) { $0 == attempt } }
    func release(allBut attempts: [RoundID]) async { net.release(at: account) { !attempts.contains($0) } }
}
