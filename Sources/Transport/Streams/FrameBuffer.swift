/// Cuts a stream of bytes into messages with a varint length in front. Pure: where the bytes were cut on their way changes nothing.
package struct FrameBuffer: Sendable {
    private var bytes: [UInt8] = []
    private var offset = 0

    package init() {}

    package var isEmpty: Bool { offset == bytes.count }

    /// Adds what was received. Grows with a message up to the limit that ``next(limit:)`` was called with, and one reading beyond.
    package mutating func append(_ received: [UInt8]) {
        if isEmpty {
            (bytes, offset) = (received, 0)
        } else {
            bytes += received
        }
    }

    /// The next message, when it is here as a whole.
    /// - Throws: ``TransportError/frameTooLong(length:limit:)`` as soon as the length is known, ``TransportError/malformedFrame``.
    package mutating func next(limit: Int) throws(TransportError) -> [UInt8]? {
        guard let (length, start) = try header(limit: limit), bytes.count - start >= length else { return nil }
        defer { drop(to: start + length) }
        return Array(bytes[start..<start + length])
    }

    /// How many bytes are wanting for the message that has begun, at least; 0 when none has begun.
    package func missing(limit: Int) throws(TransportError) -> Int {
        guard !isEmpty else { return 0 }
        guard let (length, start) = try header(limit: limit) else { return 1 }
        return length - (bytes.count - start)
    }

    /// Everything that belongs to no message yet.
    package mutating func takeAll() -> [UInt8] {
        defer { drop(to: bytes.count) }
        return Array(bytes[offset...])
    }

    /// - Returns: the length of the next message and where it begins; nil when the length is not here as a whole.
    private func header(limit: Int) throws(TransportError) -> (length: Int, start: Int)? {
        var (length, shift): (UInt64, UInt64) = (0, 0)
        for index in offset..<bytes.count {
            let byte = bytes[index]
            if byte == 0, shift > 0 { throw .malformedFrame }
            length |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 {
                guard length <= UInt64(limit) else { throw .frameTooLong(length: length, limit: limit) }
                return (Int(length), index + 1)
            }
            shift += 7
            guard shift < 63 else { throw .malformedFrame }
        }
        return nil
    }

    private mutating func drop(to index: Int) {
        offset = index
        // What is read is given back.
        if isEmpty { (bytes, offset) = ([], 0) }
    }
}
