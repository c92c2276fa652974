internal import Keys

/// What a step says, one RPC a peer and urgency, in the order in which the peers were first spoken to.
struct Outbox: Sendable {
    private struct Slot: Hashable {
        let peer: PeerID
        let isUrgent: Bool
    }

    private var order: [Slot] = []
    private var rpcs: [Slot: RPC] = [:]

    mutating func add(to peer: PeerID, urgent: Bool, _ change: (inout RPC) -> Void) {
        let slot = Slot(peer: peer, isUrgent: urgent)
        if rpcs[slot] == nil { order.append(slot) }
        change(&rpcs[slot, default: RPC()])
    }

    mutating func flush(limit: Int) -> [MeshMachine.Effect] {
        guard !order.isEmpty else { return [] }
        defer { self = Outbox() }
        return order.flatMap { slot in
            (rpcs[slot]?.fragments(limit: limit) ?? []).map { .send($0, to: slot.peer, isUrgent: slot.isUrgent) }
        }
    }
}
