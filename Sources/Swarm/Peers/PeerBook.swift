package import Keys
package import Wire

/// Where peers were reached, or say that they can be, from one start of a node to the next. Pure: no disk, no clock.
///
/// A hint and no more: who answers at an address has to show that it has the peer's key. So a false entry costs a dial.
package struct PeerBook: Hashable, Sendable, Canonical {
    /// Enough to find a network of which most nodes have moved.
    package static let limit = 64
    /// Of these, peers that this node has never reached itself. A crowd that only calls does not push out those that answer.
    package static let callerLimit = 16
    package static let addressLimit = 8
    /// A file that is longer was not written here: 8 addresses of 128 bytes each are already many.
    package static let byteLimit = 1 << 17

    package struct Entry: Hashable, Sendable, Canonical {
        package let peer: PeerID
        /// Without the peer at their end, the best first.
        package let addresses: [Multiaddress]
        /// Whether this node has reached the peer itself.
        package let isReached: Bool

        /// - Returns: nil without an address that fits.
        package init?(peer: PeerID, addresses: [Multiaddress], isReached: Bool) {
            var kept: [Multiaddress] = []
            for address in addresses.map(\.withoutPeer) where !kept.contains(address) && address.bytes.count <= 128 {
                kept.append(address)
            }
            guard !kept.isEmpty else { return nil }
            self.peer = peer
            self.addresses = Array(kept.prefix(PeerBook.addressLimit))
            self.isReached = isReached
        }

        package func encode(into writer: inout ByteWriter) {
            writer.write(peer)
            writer.writeVarint(UInt64(addresses.count))
            for address in addresses { writer.writePrefixed(address.bytes) }
            writer.write(isReached)
        }

        package static func decode(from reader: inout ByteReader) throws(WireError) -> Entry {
            let peer: PeerID = try reader.read()
            let count = try reader.readVarint()
            guard count <= UInt64(PeerBook.addressLimit) else {
                throw .tooLong(length: count, limit: UInt64(PeerBook.addressLimit))
            }
            var addresses: [Multiaddress] = []
            for _ in 0..<count { addresses.append(try Multiaddress(bytes: reader.readPrefixed(limit: 128))) }
            let isReached = try reader.readBool()
            guard let entry = Entry(peer: peer, addresses: addresses, isReached: isReached),
                entry.addresses == addresses
            else { throw .invalid("addresses of a peer that are none, or twice, or name a peer") }
            return entry
        }
    }

    /// The newest first; each peer once.
    package private(set) var entries: [Entry] = []

    package init() {}

    /// Takes those who are connected now. Those who are not stay, until there are too many.
    package mutating func note(_ connected: [Entry]) {
        for entry in connected.reversed() {
            let old = entries.firstIndex { $0.peer == entry.peer }.map { entries.remove(at: $0) }
            guard
                let merged = Entry(
                    peer: entry.peer, addresses: entry.addresses + (old?.addresses ?? []),
                    isReached: entry.isReached || old?.isReached ?? false)
            else { continue }
            entries.insert(merged, at: 0)
        }
        var callers = 0
        entries.removeAll { entry in
            guard !entry.isReached else { return false }
            callers += 1
            return callers > Self.callerLimit
        }
        entries.removeLast(max(0, entries.count - Self.limit))
    }

    package func encode(into writer: inout ByteWriter) { writer.write(list: entries) }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> PeerBook {
        var book = PeerBook()
        book.entries = try reader.readList(limit: limit)
        guard Set(book.entries.map(\.peer)).count == book.entries.count else {
            throw .invalid("a peer that is listed twice")
        }
        guard book.entries.count(where: { !$0.isReached }) <= callerLimit else {
            throw .invalid("more than \(callerLimit) peers that were never reached")
        }
        return book
    }
}
