package import Keys
package import Wire

/// Asks a peer for a part of a blob: protocol `/banyan/blob/1`, one request, one answer.
package struct BlobRequest: Hashable, Sendable, Canonical {
    /// 1 MiB: a model of this size travels in one answer, and a peer that stalls holds no more than that.
    package static let chunkLimit = 1 << 20

    package let digest: Digest
    /// In bytes from the start of the blob.
    package let offset: UInt64

    package init(digest: Digest, offset: UInt64) {
        self.digest = digest
        self.offset = offset
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(digest)
        writer.write(offset)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> BlobRequest {
        BlobRequest(digest: try reader.read(), offset: try reader.readUInt64())
    }

    /// The answer of a node that holds `blob` under the digest asked for, or nil.
    package func answer(from blob: [UInt8]?) -> BlobAnswer {
        guard let blob, offset < UInt64(blob.count) || (blob.isEmpty && offset == 0) else { return .missing }
        let start = Int(offset)
        let end = min(blob.count, start + BlobRequest.chunkLimit)
        return .chunk(total: UInt64(blob.count), bytes: Array(blob[start..<end]))
    }
}

package enum BlobAnswer: Hashable, Sendable, Canonical {
    /// The peer does not hold the blob, or it ends before the offset.
    case missing
    /// At most ``BlobRequest/chunkLimit`` bytes from the offset asked for, of a blob of `total` bytes.
    case chunk(total: UInt64, bytes: [UInt8])

    /// The longest encoding, for the limit of the stream.
    package static let encodedLimit = BlobRequest.chunkLimit + 16

    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .missing: writer.write(UInt8(0))
        case .chunk(let total, let bytes):
            writer.write(UInt8(1))
            writer.write(total)
            writer.writePrefixed(bytes)
        }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> BlobAnswer {
        switch try reader.readUInt8() {
        case 0: return .missing
        case 1:
            return .chunk(total: try reader.readUInt64(), bytes: try reader.readPrefixed(limit: BlobRequest.chunkLimit))
        case let other: throw .unknownTag(UInt64(other), of: "BlobAnswer")
        }
    }
}

/// Collects the parts of one blob from one peer and accepts them only as a whole, when the digest is right.
package struct BlobDownload: Sendable {
    package enum Failure: Error, Hashable, Sendable {
        case missing
        /// The peer changed its mind about the size, sent nothing, or sent more than the blob has.
        case inconsistent
        case tooLong(total: UInt64, limit: Int)
        case wrongDigest(Digest)
    }

    package let digest: Digest
    package let limit: Int
    private var total: UInt64?
    private var received: [UInt8] = []

    /// - Parameter limit: the most bytes that this node takes for this blob.
    package init(of digest: Digest, limit: Int) {
        self.digest = digest
        self.limit = limit
    }

    package var request: BlobRequest { BlobRequest(digest: digest, offset: UInt64(received.count)) }

    /// Takes the answer to ``request``.
    /// - Returns: the whole blob, or nil when ``request`` asks for the next part.
    package mutating func accept(_ answer: BlobAnswer) throws(Failure) -> [UInt8]? {
        guard case .chunk(let size, let bytes) = answer else { throw .missing }
        guard size <= UInt64(limit) else { throw .tooLong(total: size, limit: limit) }
        guard total == nil || total == size else { throw .inconsistent }
        guard !bytes.isEmpty || size == 0, UInt64(received.count + bytes.count) <= size else { throw .inconsistent }
        total = size
        received += bytes
        guard UInt64(received.count) == size else { return nil }
        let found = Digest(of: received, domain: "blob")
        guard found == digest else { throw .wrongDigest(found) }
        return received
    }
}
