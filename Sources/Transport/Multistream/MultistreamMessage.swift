internal import Wire

/// The messages of multistream-select 1.0: varint length, UTF-8 text, line feed (libp2p connections specification).
enum MultistreamMessage {
    /// Longest message in bytes with its line feed; the limit of deployed nodes.
    static let limit = 1024

    static let refusal = "na"

    /// The header that both sides send first, ready to send.
    static let header = encode("/multistream/1.0.0")

    static func encode(_ text: String) -> [UInt8] {
        var writer = ByteWriter(capacity: text.utf8.count + 3)
        writer.writePrefixed(Array(text.utf8) + [0x0a])
        return writer.bytes
    }
}

/// Cuts a stream of bytes into multistream messages; what follows the last message stays as it came.
struct MultistreamReader: Sendable {
    private var buffer: [UInt8] = []
    private var sawHeader = false

    /// Takes the bytes that were received and belong to no message yet.
    mutating func takeRest() -> [UInt8] {
        defer { buffer = [] }
        return buffer
    }

    mutating func append(_ bytes: [UInt8]) { buffer += bytes }

    /// Takes the header. A wrong one is noticed at its first wrong byte.
    /// - Returns: whether the header is complete.
    mutating func takeHeader() throws(MultistreamError) -> Bool {
        if sawHeader { return true }
        let header = MultistreamMessage.header
        guard header.starts(with: buffer.prefix(header.count)) else { throw .wrongHeader }
        guard buffer.count >= header.count else { return false }
        buffer.removeFirst(header.count)
        sawHeader = true
        return true
    }

    /// Takes the next message, without its line feed; nil until it is complete.
    mutating func takeMessage() throws(MultistreamError) -> String? {
        guard let first = buffer.first else { return nil }
        var length = Int(first)
        var start = 1
        if first >= 0x80 {
            guard buffer.count > 1 else { return nil }
            guard buffer[1] < 0x80 else { throw .tooLong }  // Two bytes hold 16,383.
            guard buffer[1] > 0 else { throw .malformedLength }
            length = Int(first & 0x7f) | Int(buffer[1]) << 7
            start = 2
        }
        guard length <= MultistreamMessage.limit else { throw .tooLong }
        guard length > 0 else { throw .malformedMessage }
        guard buffer.count - start >= length else { return nil }
        let body = buffer[start..<start + length]
        guard body.last == 0x0a, let text = String(validating: body.dropLast(), as: UTF8.self) else {
            throw .malformedMessage
        }
        buffer.removeFirst(start + length)
        return text
    }
}
