internal import Keys
internal import Wire

/// One side of a connection inside the process, and the carrier of what it sends.
struct MemoryEnd: Sendable {
    typealias Side = (peer: PeerID, address: Multiaddress, limits: TransportLimits)

    let connection: YamuxConnection
    private let other: YamuxConnection
    private let wakes: AsyncStream<Void>

    /// Both sides of a connection from `dialler` to `listener`.
    static func pair(dialler: Side, listener: Side) -> (MemoryEnd, MemoryEnd) {
        let (nearWakes, near) = end(remote: listener, limits: dialler.limits, isOutbound: true)
        let (farWakes, far) = end(remote: dialler, limits: listener.limits, isOutbound: false)
        return (
            MemoryEnd(connection: near, other: far, wakes: nearWakes),
            MemoryEnd(connection: far, other: near, wakes: farWakes)
        )
    }

    private static func end(
        remote: Side, limits: TransportLimits, isOutbound: Bool
    ) -> (AsyncStream<Void>, YamuxConnection) {
        let (wakes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let link = YamuxConnection.Link(wake: { continuation.yield() }, close: { continuation.finish() })
        let connection = YamuxConnection(
            remotePeer: remote.peer, remoteAddress: remote.address, isOutbound: isOutbound, limits: limits, link: link)
        return (wakes, connection)
    }

    /// Carries what this side sends to the other side until the connection ends; then the other side ends too.
    func pump() async {
        for await _ in wakes { carry() }
        carry()
        connection.end("the transport stopped")
        other.end("the peer closed the connection")
    }

    private func carry() {
        while true {
            let bytes = connection.takeOutput()
            guard !bytes.isEmpty else { return }
            connection.count(sent: bytes.count)
            other.count(received: bytes.count)
            other.received(bytes)
            connection.sent(bytes.count)
        }
    }
}
