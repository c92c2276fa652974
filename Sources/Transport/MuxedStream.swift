package import Keys

/// One ordered, reliable stream of bytes in each direction, after both sides agreed on a protocol.
///
/// Back-pressure is real in both directions: ``write(_:)`` waits while the peer does not read, and a peer's sender
/// waits while nobody calls ``read()``. Dropping the last reference resets a stream that is still open.
package protocol MuxedStream: AnyObject, Sendable {
    var remotePeer: PeerID { get }

    /// The protocol that multistream-select agreed on, for example `/ipfs/ping/1.0.0`.
    var protocolID: String { get }

    /// The next bytes, never more than 64 KiB; empty exactly when the peer has closed its side. What came before the peer reset the stream is read
    /// before the reset throws.
    /// - Throws: ``TransportError`` when the stream was reset or the connection is gone; `CancellationError`.
    func read() async throws -> [UInt8]

    /// Returns when the send window took all the bytes. Concurrent writes go out one after the other, whole.
    /// - Throws: ``TransportError`` when the stream was reset, closed here, or the connection is gone;
    ///   `CancellationError`, and then a prefix of `bytes` may be on its way.
    func write(_ bytes: [UInt8]) async throws

    /// Closes our side: the peer reads what was written before, then the end. Closing twice changes nothing.
    func closeWrite() async throws

    /// Abandons both directions at once; nothing that waits on the stream waits any longer.
    func reset()
}
