package import Consensus
package import Keys
internal import Wire

/// Fetches the blocks a node missed, one peer at a time. Pure.
///
/// A peer's height is a claim and no more: a peer that claims blocks and does not deliver good ones is passed over for a while,
/// so that a liar never keeps a node from taking part.
package struct SyncMachine: Sendable {
    /// As many peers as a node talks to; those heard of least recently are forgotten first.
    static let peerLimit = 256
    /// A peer that sent what is wrong is passed over for this many milliseconds; one that is silent for longer each time, up to
    /// this.
    static let penalty: UInt64 = 60_000

    package enum Effect: Hashable, Sendable {
        case request(SyncRequest, to: PeerID, ticket: UInt64)
        /// Good so far; the caller verifies each block and reports with ``taken(from:isGood:head:at:)``.
        case take([DecidedBlock], from: PeerID)
        case misbehaved(PeerID, String)
    }

    private struct Peer: Sendable {
        var head: Height = 0
        var heard: UInt64 = 0
        var isHeard = false
        var excusedUntil: UInt64 = 0
        /// Requests for blocks without an answer, since the last good blocks.
        var failures = 0
    }

    private struct Pending: Sendable {
        let ticket: UInt64
        let peer: PeerID
        let request: SyncRequest
        let deadline: UInt64
    }

    private let genesis: Digest
    private let deadline: UInt64
    private var peers: [PeerID: Peer] = [:]
    private var pending: [Pending] = []
    private var tickets: UInt64 = 0
    private var turn = 0

    package init(genesis: Digest, deadline: UInt64) {
        self.genesis = genesis
        self.deadline = deadline
    }

    /// The highest block that a peer in good standing claims to have.
    package func claimedHead(at now: UInt64) -> Height {
        peers.values.reduce(0) { $1.excusedUntil <= now ? max($0, $1.head) : $0 }
    }

    /// The height of its last block, as a peer told last; nil when it did not.
    package func toldHead(of peer: PeerID) -> Height? { peers[peer].flatMap { $0.isHeard ? $0.head : nil } }

    /// Time passes: late answers are given up, one peer is asked how far it is, and blocks are asked for.
    package mutating func tick(connected: [PeerID], head: Height, at now: UInt64) -> [Effect] {
        var effects: [Effect] = []
        for late in pending where late.deadline <= now { giveUp(late, at: now, &effects) }
        pending.removeAll { $0.deadline <= now }
        let known = connected.sorted()
        for peer in peers.keys.sorted() where !known.contains(peer) { peers[peer] = nil }
        // Those never heard first, all at once; then one a tick.
        var asked = known.filter { peers[$0]?.isHeard != true && !isPending($0) }.prefix(16)
        if asked.isEmpty, !known.isEmpty {
            turn = (turn + 1) % known.count
            if !isPending(known[turn]) { asked = [known[turn]] }
        }
        for peer in asked { ask(.status(chain: genesis), of: peer, at: now, &effects) }
        fetch(head: head, at: now, &effects)
        return effects
    }

    /// Somebody spoke of a height above ours: it is asked how far it is.
    package mutating func hint(from peer: PeerID, head: Height, at now: UInt64) -> [Effect] {
        var effects: [Effect] = []
        guard !isPending(peer), (peers[peer]?.excusedUntil ?? 0) <= now,
            (peers[peer]?.heard ?? 0) &+ 100 <= now
        else { return effects }
        ask(.status(chain: genesis), of: peer, at: now, &effects)
        return effects
    }

    /// An answer came, or the request failed (`nil`).
    package mutating func answered(
        _ ticket: UInt64, with bytes: [UInt8]?, head: Height, at now: UInt64
    ) -> [Effect] {
        var effects: [Effect] = []
        guard let index = pending.firstIndex(where: { $0.ticket == ticket }) else { return effects }
        let request = pending.remove(at: index)
        guard let bytes else {
            // Gone or busy, not lying: it is asked again when it says how far it is.
            peers[request.peer]?.head = 0
            peers[request.peer]?.isHeard = false
            fetch(head: head, at: now, &effects)
            return effects
        }
        switch (request.request, try? SyncAnswer(canonicalBytes: bytes)) {
        case (.status, .status(_, let claimed)?):
            if peers.count < Self.peerLimit || peers[request.peer] != nil {
                peers[request.peer, default: Peer()].head = claimed
                peers[request.peer]?.heard = now
                peers[request.peer]?.isHeard = true
            }
            fetch(head: head, at: now, &effects)
        case (.blocks(_, let from), .blocks(let blocks)?) where blocks.first?.block.height == from:
            effects.append(.take(blocks, from: request.peer))
        case (_, .otherChain?): fail(request.peer, "it follows another chain", at: now, &effects)
        default: fail(request.peer, "its answer is not one to our question", at: now, &effects)
        }
        return effects
    }

    /// The caller verified what ``Effect/take(_:from:)`` gave it.
    package mutating func taken(from peer: PeerID, isGood: Bool, head: Height, at now: UInt64) -> [Effect] {
        var effects: [Effect] = []
        if isGood {
            peers[peer]?.failures = 0
        } else {
            fail(peer, "it sent a block that does not follow", at: now, &effects)
        }
        fetch(head: head, at: now, &effects)
        return effects
    }

    /// Asks one peer for the next blocks, if one has them and none was asked.
    private mutating func fetch(head: Height, at now: UInt64, _ effects: inout [Effect]) {
        let isFetching = pending.contains { if case .blocks = $0.request { true } else { false } }
        guard !isFetching else { return }
        let candidates = peers.keys.sorted().filter {
            guard let peer = peers[$0] else { return false }
            return peer.head > head && peer.excusedUntil <= now
        }
        guard !candidates.isEmpty else { return }
        let peer = candidates[Int(tickets % UInt64(candidates.count))]
        ask(.blocks(chain: genesis, from: head + 1), of: peer, at: now, &effects)
    }

    private mutating func ask(_ request: SyncRequest, of peer: PeerID, at now: UInt64, _ effects: inout [Effect]) {
        tickets += 1
        pending.append(Pending(ticket: tickets, peer: peer, request: request, deadline: now &+ deadline))
        effects.append(.request(request, to: peer, ticket: tickets))
    }

    private func isPending(_ peer: PeerID) -> Bool { pending.contains { $0.peer == peer } }

    /// Silence is no lie: the network may have been cut. A peer that keeps silent about blocks it claims is asked less and less.
    private mutating func giveUp(_ late: Pending, at now: UInt64, _ effects: inout [Effect]) {
        guard var peer = peers[late.peer] else { return }
        peer.isHeard = false
        if case .blocks = late.request {
            peer.excusedUntil = now &+ min(Self.penalty, deadline << UInt64(min(peer.failures, 16)))
            peer.failures += 1
            effects.append(.misbehaved(late.peer, "no answer in time"))
        }
        peers[late.peer] = peer
    }

    private mutating func fail(_ peer: PeerID, _ reason: String, at now: UInt64, _ effects: inout [Effect]) {
        peers[peer, default: Peer()].excusedUntil = now &+ Self.penalty
        effects.append(.misbehaved(peer, reason))
    }
}

/// Answers what ``SyncMachine`` asks: from the block store, at most one answer's worth.
package enum SyncServer {
    /// - Parameters:
    ///   - head: the height of the newest block; nil while there is none.
    ///   - read: gives a block at a height; nil when it is not here.
    package static func answer(
        _ request: [UInt8], chain: Digest, base: Height?, head: Height?, read: (Height) -> DecidedBlock?
    ) -> [UInt8] {
        guard request.count <= SyncRequest.byteLimit, let request = try? SyncRequest(canonicalBytes: request) else {
            return SyncAnswer.blocks([]).canonicalBytes
        }
        switch request {
        case .status(let asked):
            guard asked == chain else { return SyncAnswer.otherChain.canonicalBytes }
            return SyncAnswer.status(base: base ?? 0, head: head ?? 0).canonicalBytes
        case .blocks(let asked, let from):
            guard asked == chain else { return SyncAnswer.otherChain.canonicalBytes }
            var blocks: [DecidedBlock] = []
            var size = 0
            var height = from
            while let head, height <= head, size < SyncAnswer.fillLimit, blocks.count < SyncAnswer.blockLimit,
                let block = read(height)
            {
                let bytes = block.canonicalBytes.count
                guard blocks.isEmpty || size + bytes < SyncAnswer.byteLimit else { break }
                blocks.append(block)
                size += bytes
                height += 1
            }
            return SyncAnswer.blocks(blocks).canonicalBytes
        }
    }
}
