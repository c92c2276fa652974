package import Keys
internal import Synchronization
internal import Wire

/// Messages with a varint length over a stream; bytes behind a message stay for the next one.
///
/// One task reads at a time. Writing is as free as on ``MuxedStream``.
package final class FramedStream: Sendable {
    package let stream: any MuxedStream
    private let unread = Mutex<(bytes: [UInt8], offset: Int)>(([], 0))

    package init(_ stream: any MuxedStream) { self.stream = stream }

    package var remotePeer: PeerID { stream.remotePeer }

    /// The next message.
    /// - Returns: nil when the peer closed its side between two messages.
    /// - Throws: ``TransportError/frameTooLong(length:limit:)`` before anything of that length is allocated,
    ///   ``TransportError/malformedFrame``, ``TransportError/truncatedFrame(missing:)``, and what the stream throws.
    package func readFrame(limit: Int) async throws -> [UInt8]? {
        var length: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard let byte = try await nextByte() else {
                guard shift == 0 else { throw TransportError.truncatedFrame(missing: 1) }
                return nil
            }
            if byte == 0, shift > 0 { throw TransportError.malformedFrame }
            length |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { break }
            shift += 7
            guard shift < 63 else { throw TransportError.malformedFrame }
        }
        guard length <= UInt64(limit) else { throw TransportError.frameTooLong(length: length, limit: limit) }
        var frame: [UInt8] = []
        while frame.count < Int(length) {
            let missing = Int(length) - frame.count
            let part = take(missing)
            if part.isEmpty {
                guard try await fill() else { throw TransportError.truncatedFrame(missing: missing) }
            } else {
                frame += part
            }
        }
        return frame
    }

    /// Sends one message.
    package func writeFrame(_ message: [UInt8]) async throws { try await stream.writeFrame(message) }

    /// Takes the bytes that were received and belong to no message yet, for a protocol that goes on without frames.
    package func takeUnread() -> [UInt8] { take(.max) }

    private func nextByte() async throws -> UInt8? {
        while true {
            if let byte = take(1).first { return byte }
            guard try await fill() else { return nil }
        }
    }

    private func take(_ limit: Int) -> [UInt8] {
        unread.withLock { unread in
            let count = min(limit, unread.bytes.count - unread.offset)
            let part = Array(unread.bytes[unread.offset..<unread.offset + count])
            unread.offset += count
            if unread.offset == unread.bytes.count { unread = ([], 0) }
            return part
        }
    }

    private func fill() async throws -> Bool {
        let bytes = try await stream.read()
        guard !bytes.isEmpty else { return false }
        unread.withLock { unread in
            if unread.bytes.isEmpty { unread.bytes = bytes } else { unread.bytes += bytes }
        }
        return true
    }
}

extension MuxedStream {
    /// Sends one message with its length in front.
    package func writeFrame(_ message: [UInt8]) async throws {
        var writer = ByteWriter(capacity: message.count + 5)
        writer.writePrefixed(message)
        try await write(writer.bytes)
    }
}
