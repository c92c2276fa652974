package import Keys
internal import Synchronization
internal import Wire

/// Messages with a varint length over a stream; bytes behind a message stay for the next one.
///
/// One task reads at a time. Writing is as free as on ``MuxedStream``.
package final class FramedStream: Sendable {
    package let stream: any MuxedStream
    private let unread = Mutex(FrameBuffer())

    package init(_ stream: any MuxedStream) { self.stream = stream }

    package var remotePeer: PeerID { stream.remotePeer }

    /// The next message.
    /// - Returns: nil when the peer closed its side between two messages.
    /// - Throws: ``TransportError/frameTooLong(length:limit:)`` before anything of that length is allocated,
    ///   ``TransportError/malformedFrame``, ``TransportError/truncatedFrame(missing:)``, and what the stream throws.
    package func readFrame(limit: Int) async throws -> [UInt8]? {
        try await readFrame(limit: limit) { [stream] _ in try await stream.read() }
    }

    /// The next message, however long it takes to begin; once it has begun, it is whole within `patience`.
    /// - Throws: likewise, and ``TransportError/deadlineExceeded(_:)``.
    package func readFrame(limit: Int, patience: Duration) async throws -> [UInt8]? {
        var end: ContinuousClock.Instant?
        return try await readFrame(limit: limit) { [stream] hasBegun in
            guard hasBegun else { return try await stream.read() }
            let last = end ?? .now + patience
            end = last
            return try await withDeadline(ContinuousClock.now.duration(to: last), "the rest of a message") {
                try await stream.read()
            }
        }
    }

    private func readFrame(limit: Int, _ read: (_ hasBegun: Bool) async throws -> [UInt8]) async throws -> [UInt8]? {
        while true {
            if let frame = try unread.withLock({ buffer throws(TransportError) in try buffer.next(limit: limit) }) {
                return frame
            }
            let bytes = try await read(unread.withLock { !$0.isEmpty })
            guard !bytes.isEmpty else {
                let missing = try unread.withLock { buffer throws(TransportError) in try buffer.missing(limit: limit) }
                guard missing == 0 else { throw TransportError.truncatedFrame(missing: missing) }
                return nil
            }
            unread.withLock { $0.append(bytes) }
        }
    }

    /// Sends one message.
    package func writeFrame(_ message: [UInt8]) async throws { try await stream.writeFrame(message) }

    /// Takes the bytes that were received and belong to no message yet, for a protocol that goes on without frames.
    package func takeUnread() -> [UInt8] { unread.withLock { $0.takeAll() } }
}

extension MuxedStream {
    /// Sends one message with its length in front.
    package func writeFrame(_ message: [UInt8]) async throws {
        var writer = ByteWriter(capacity: message.count + 5)
        writer.writePrefixed(message)
        try await write(writer.bytes)
    }
}
