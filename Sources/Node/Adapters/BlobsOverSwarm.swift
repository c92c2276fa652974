import Chain
import Federation
import Keys
import Ledger
import Logging
import Store
import Swarm
import Wire

/// Blobs by digest: here, or at a peer over `/banyan/blob/1`.
struct BlobsOverSwarm: Blobs {
    static let protocolID = "/banyan/blob/1"
    /// A digest and an offset.
    private static let requestLimit = 64
    /// Peers asked for one blob, holders first: bounds the time a missing blob costs.
    private static let attempts = 8

    let store: BlobStore
    let leases: BlobLeases
    let swarm: SwarmService
    let chain: ChainService
    let logger: Logger

    func put(_ bytes: [UInt8]) async throws -> Digest { try store.put(bytes) }

    func get(_ digest: Digest, from holders: [AccountID], limit: Int) async -> [UInt8]? {
        if let bytes = (try? store.get(digest)) ?? nil { return bytes.count <= limit ? bytes : nil }
        for peer in await candidates(holders) {
            guard !Task.isCancelled else { return nil }
            do {
                let bytes = try await download(digest, from: peer, limit: limit)
                // Not flushed: whoever loses it to a power cut fetches it again.
                _ = try store.put(bytes, durable: false)
                return bytes
            } catch {
                logger.debug("no blob \(digest.short) from \(peer.short): \(error)")
            }
        }
        return nil
    }

    func lease(_ digests: [Digest], to attempt: RoundID) async {
        do { try leases.add(digests, to: attempt.digest) } catch {
            logger.warning("the blobs of a round will stay: \(error)")
        }
    }

    func release(_ attempt: RoundID) async { end(attempt.digest) }

    func release(allBut attempts: [RoundID]) async {
        for holder in Set(leases.holders).subtracting(attempts.map(\.digest)) { end(holder) }
    }

    private func end(_ holder: Digest) {
        do { try leases.end(holder, remove: store.remove) } catch {
            logger.warning("blobs that no round needs could not be removed: \(error)")
        }
    }

    /// Answers peers that ask for blobs, from now on.
    func serve() {
        swarm.serve(Self.protocolID, requestLimit: Self.requestLimit) { [store] body, _ in
            let request = try BlobRequest(canonicalBytes: body)
            return request.answer(from: try store.get(request.digest)).canonicalBytes
        }
    }

    /// The peers of the holders' node keys, then everybody else who is connected.
    private func candidates(_ holders: [AccountID]) async -> [PeerID] {
        let state = await chain.head.state
        let known = holders.compactMap { (state.account($0)?.node?.node).map(PeerID.init) }.filter { $0 != swarm.peer }
        let others = await swarm.connectedPeers.filter { !known.contains($0) }
        return Array((known + others).prefix(Self.attempts))
    }

    private func download(_ digest: Digest, from peer: PeerID, limit: Int) async throws -> [UInt8] {
        var download = BlobDownload(of: digest, limit: limit)
        while true {
            let answer = try await swarm.request(
                Self.protocolID, download.request.canonicalBytes, to: peer, answerLimit: BlobAnswer.encodedLimit,
                deadline: .seconds(20))
            if let bytes = try download.accept(try BlobAnswer(canonicalBytes: answer)) { return bytes }
        }
    }
}
