import Keys
import Swarm
import Testing
import Wire

@Suite struct PeerBookTests {
    private func entry(_ seed: UInt64, _ addresses: [String] = ["/ip4/10.0.0.1/tcp/4001"], isReached: Bool = true)
        -> PeerBook.Entry
    {
        PeerBook.Entry(peer: peer(seed), addresses: addresses.map(address), isReached: isReached)!
    }

    @Test("who is connected comes first; who is not stays, with every address it had")
    func merging() {
        var book = PeerBook()
        book.note([entry(1), entry(2)])
        book.note([entry(2, ["/ip4/10.0.0.2/tcp/1", "/ip4/10.0.0.1/tcp/4001"], isReached: false), entry(3)])
        #expect(book.entries.map(\.peer) == [peer(2), peer(3), peer(1)])
        #expect(book.entries[0].addresses == [address("/ip4/10.0.0.2/tcp/1"), address("/ip4/10.0.0.1/tcp/4001")])
        #expect(book.entries[0].isReached, "it was reached before")
        let before = book
        book.note([entry(2), entry(3)])
        book.note([entry(2), entry(3)])
        #expect(book.entries.map(\.peer) == before.entries.map(\.peer))
    }

    @Test("a crowd that calls does not push out those that were reached")
    func crowd() {
        var book = PeerBook()
        book.note((0..<40).map { entry($0) })
        book.note((100..<400).map { entry($0, isReached: false) })
        #expect(book.entries.count(where: \.isReached) == 40)
        #expect(book.entries.count == 40 + PeerBook.callerLimit)
        book.note((500..<600).map { entry($0) })
        #expect(book.entries.count == PeerBook.limit && book.entries[0].peer == peer(500))
    }

    @Test("an entry has a few addresses, each once, without the peer at its end")
    func addresses() throws {
        let long = (1...20).map { "/ip4/10.0.0.\($0)/tcp/1" }
        #expect(entry(1, long).addresses.count == PeerBook.addressLimit)
        let named = try address("/ip4/10.0.0.1/tcp/1").with(peer(1))
        #expect(
            PeerBook.Entry(peer: peer(1), addresses: [named, named], isReached: true)?.addresses == [
                address("/ip4/10.0.0.1/tcp/1")
            ])
        #expect(PeerBook.Entry(peer: peer(1), addresses: [], isReached: true) == nil)
    }

    @Test("a book reads back as it was written; one changed bit is another book or none; a peer is listed once")
    func codec() throws {
        var book = PeerBook()
        book.note([entry(1), entry(2, ["/ip6/::1/tcp/7"], isReached: false)])
        let bytes = book.canonicalBytes
        #expect(try PeerBook(canonicalBytes: bytes) == book)
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            guard let other = try? PeerBook(canonicalBytes: changed) else { continue }
            #expect(other != book)
        }
        var writer = ByteWriter()
        writer.write(list: [entry(1), entry(1)])
        #expect(throws: WireError.self) { try PeerBook(canonicalBytes: writer.bytes) }
    }
}
