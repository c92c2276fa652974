internal import Transport

/// Bytes on the wire since the swarm began, with framing and handshakes, over all connections that it took.
package struct Traffic: Sendable, Hashable {
    package private(set) var received: UInt64 = 0
    package private(set) var sent: UInt64 = 0

    mutating func add(_ connection: any Connection) {
        received &+= connection.bytesReceived
        sent &+= connection.bytesSent
    }
}
