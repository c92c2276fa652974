/// What a transport asks of the node that owns it.
package protocol ConnectionDelegate: Sendable {
    /// The protocols this node answers now.
    func protocols() -> [String]

    /// Decides on an authenticated connection that a peer dialled; false closes it (limits, ban list).
    /// Its streams are served only after true.
    func accepted(_ connection: any Connection) async -> Bool

    /// Serves a stream that the peer opened, on any connection, dialled or accepted.
    ///
    /// Runs in a child task of the connection: it is cancelled when the connection goes. The stream may be kept
    /// beyond the return.
    func incoming(_ stream: any MuxedStream, on connection: any Connection) async
}
