internal import Keys
internal import Synchronization
internal import Transport

/// A stream from a node to itself: a provider asks its own model in the same words as everybody else.
final class LoopbackStream: MuxedStream {
    let remotePeer: PeerID
    let protocolID: String
    private let incoming: Mailbox<[UInt8]>
    private let outgoing: Mailbox<[UInt8]>
    private let isReset: ResetFlag

    /// Both ends know it.
    private final class ResetFlag: Sendable {
        let value = Atomic<Bool>(false)
    }

    static func pair(_ protocolID: String, peer: PeerID) -> (LoopbackStream, LoopbackStream) {
        // Eight writes: a reader that is slow holds the writer back.
        let (there, back, flag) = (Mailbox<[UInt8]>(limit: 8), Mailbox<[UInt8]>(limit: 8), ResetFlag())
        return (
            LoopbackStream(protocolID, peer, incoming: back, outgoing: there, flag),
            LoopbackStream(protocolID, peer, incoming: there, outgoing: back, flag)
        )
    }

    private init(
        _ protocolID: String, _ peer: PeerID, incoming: Mailbox<[UInt8]>, outgoing: Mailbox<[UInt8]>,
        _ isReset: ResetFlag
    ) {
        self.protocolID = protocolID
        remotePeer = peer
        self.incoming = incoming
        self.outgoing = outgoing
        self.isReset = isReset
    }

    func read() async throws -> [UInt8] {
        let bytes = await incoming.next()
        try check()
        return bytes ?? []
    }

    func write(_ bytes: [UInt8]) async throws {
        try check()
        // An empty read would look like the end.
        if !bytes.isEmpty { await outgoing.send(bytes) }
        try check()
    }

    func closeWrite() async throws { outgoing.close() }

    func reset() {
        isReset.value.store(true, ordering: .relaxed)
        incoming.close()
        outgoing.close()
    }

    private func check() throws {
        try Task.checkCancellation()
        if isReset.value.load(ordering: .relaxed) { throw TransportError.streamReset }
    }
}
