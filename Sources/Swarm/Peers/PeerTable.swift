package import Keys
package import Wire

/// Who is known, where they may be reached, and which connections to them are open. Knows no clock and no network.
///
/// Everything is bounded: when the table is full, the peer unseen for longest that has no connection makes room.
package struct PeerTable: Sendable {
    /// The number of a connection of this node, never used twice.
    package typealias ConnectionID = UInt64

    package struct Entry: Sendable {
        /// Oldest first.
        package fileprivate(set) var connections: [ConnectionID] = []
        package fileprivate(set) var addresses: [KnownAddress] = []
        package fileprivate(set) var identity: PeerIdentity?
        package fileprivate(set) var roundTrip: Duration?
        fileprivate var seen: Duration = .zero
    }

    package struct KnownAddress: Sendable, Hashable {
        package let address: Multiaddress
        package fileprivate(set) var backoff = DialBackoff()
        /// Whether the peer has signed it, or this node reached the peer there.
        package fileprivate(set) var isCertain: Bool
    }

    private let limits: SwarmLimits
    private var entries: [PeerID: Entry] = [:]

    package init(limits: SwarmLimits) { self.limits = limits }

    package subscript(_ peer: PeerID) -> Entry? { entries[peer] }
    package var count: Int { entries.count }
    package var connectionCount: Int { entries.values.reduce(0) { $0 + $1.connections.count } }

    /// Peers with a connection, in the order of their ids.
    package var connected: [PeerID] { entries.filter { !$0.value.connections.isEmpty }.keys.sorted() }

    /// Notes an open connection.
    /// - Returns: whether it is the peer's first; nil when the peer has too many and this one must be closed.
    package mutating func opened(_ connection: ConnectionID, to peer: PeerID, at now: Duration) -> Bool? {
        var entry = entries[peer] ?? Entry()
        guard entry.connections.count < limits.connectionsPerPeer else { return nil }
        entry.connections.append(connection)
        entry.seen = now
        entries[peer] = entry
        makeRoom(sparing: peer)
        return entry.connections.count == 1
    }

    /// Forgets a connection.
    /// - Returns: whether it was the peer's last.
    package mutating func closed(_ connection: ConnectionID, to peer: PeerID, at now: Duration) -> Bool {
        guard var entry = entries[peer], let index = entry.connections.firstIndex(of: connection) else { return false }
        entry.connections.remove(at: index)
        entry.seen = now
        if entry.connections.isEmpty { entry.roundTrip = nil }
        entries[peer] = entry
        return entry.connections.isEmpty
    }

    /// Adds an address of `peer`; hearsay never displaces what is certain.
    package mutating func learn(_ address: Multiaddress, of peer: PeerID, certain: Bool, at now: Duration) {
        var entry = entries[peer] ?? Entry()
        let plain = address.withoutPeer
        entry.seen = max(entry.seen, now)
        if let index = entry.addresses.firstIndex(where: { $0.address == plain }) {
            entry.addresses[index].isCertain = entry.addresses[index].isCertain || certain
        } else {
            if entry.addresses.count >= limits.addressesPerPeer {
                guard let weakest = Self.weakest(of: entry.addresses, certain: certain) else { return }
                entry.addresses.remove(at: weakest)
            }
            entry.addresses.append(KnownAddress(address: plain, isCertain: certain))
        }
        entries[peer] = entry
        makeRoom(sparing: peer)
    }

    /// Takes what the peer says of itself; its addresses count as certain only when it has signed them.
    package mutating func identified(_ peer: PeerID, as identity: PeerIdentity, at now: Duration) {
        guard entries[peer] != nil else { return }
        entries[peer]?.identity = identity
        for address in identity.listenAddresses {
            learn(address, of: peer, certain: identity.record != nil, at: now)
        }
    }

    package mutating func measured(_ roundTrip: Duration, to peer: PeerID) { entries[peer]?.roundTrip = roundTrip }

    package mutating func dialFailed(_ address: Multiaddress, of peer: PeerID, at now: Duration) {
        withAddress(address, of: peer) { $0.backoff.failed(at: now) }
    }

    package mutating func dialSucceeded(_ address: Multiaddress, of peer: PeerID) {
        withAddress(address, of: peer) {
            $0.backoff.succeeded()
            $0.isCertain = true
        }
    }

    /// Addresses of `peer` to try, the most promising first.
    /// - Parameter patient: leave out those that failed a short while ago.
    package func dialable(_ peer: PeerID, at now: Duration, patient: Bool) -> [Multiaddress] {
        guard let entry = entries[peer] else { return [] }
        return entry.addresses.enumerated()
            .filter { !patient || $0.element.backoff.allows(at: now) }
            .sorted { ($0.element.backoff.failures, $0.offset) < ($1.element.backoff.failures, $1.offset) }
            .map(\.element.address)
    }

    /// Peers without a connection that have an address worth a try now, the most recently seen first.
    package func candidates(at now: Duration, limit: Int) -> [PeerID] {
        let able = entries.filter { $0.value.connections.isEmpty && !dialable($0.key, at: now, patient: true).isEmpty }
        return able.sorted { ($1.value.seen, $0.key) < ($0.value.seen, $1.key) }.prefix(limit).map(\.key)
    }

    /// Connections to close so that no more than the limit stay: first all but the oldest of each peer, then the
    /// connections of the peers that have nothing in common with us (`isUseful` is false), youngest first.
    package func excess(isUseful: (PeerIdentity?) -> Bool) -> [ConnectionID] {
        var over = connectionCount - limits.connections
        guard over > 0 else { return [] }
        let extra = entries.values.flatMap { $0.connections.dropFirst() }.sorted(by: >)
        var victims = Array(extra.prefix(over))
        over -= victims.count
        let singles = entries.values.filter { !$0.connections.isEmpty && !isUseful($0.identity) }
        victims += singles.map { $0.connections[0] }.sorted(by: >).prefix(over)
        over = connectionCount - limits.connections - victims.count
        if over > 0 {
            let rest = entries.values.compactMap(\.connections.first).filter { !victims.contains($0) }
            victims += rest.sorted(by: >).prefix(over)
        }
        return victims
    }

    private mutating func withAddress(_ address: Multiaddress, of peer: PeerID, _ change: (inout KnownAddress) -> Void)
    {
        let plain = address.withoutPeer
        guard let index = entries[peer]?.addresses.firstIndex(where: { $0.address == plain }) else { return }
        guard var entry = entries[peer] else { return }
        change(&entry.addresses[index])
        entries[peer] = entry
    }

    private mutating func makeRoom(sparing newcomer: PeerID) {
        while entries.count > limits.peers {
            let idle = entries.filter { $0.value.connections.isEmpty && $0.key != newcomer }
            guard let oldest = idle.min(by: { ($0.value.seen, $0.key) < ($1.value.seen, $1.key) }) else { return }
            entries[oldest.key] = nil
        }
    }

    /// The address to give up for a new one: the uncertain one that failed most often, the oldest of those.
    private static func weakest(of addresses: [KnownAddress], certain: Bool) -> Int? {
        let open = addresses.enumerated().filter { !$0.element.isCertain || certain }
        return open.min { left, right in
            let a = (left.element.isCertain ? 1 : 0, -left.element.backoff.failures, left.offset)
            let b = (right.element.isCertain ? 1 : 0, -right.element.backoff.failures, right.offset)
            return a < b
        }?.offset
    }
}
