package import Consensus
package import Keys
package import Wire

/// What a node asks another about the past.
package enum SyncRequest: Canonical, Hashable {
    /// How far are you?
    case status(chain: Digest)
    /// Blocks from a height on, as many as fit into one answer.
    case blocks(chain: Digest, from: Height)

    /// A tag, a digest and a height.
    package static let byteLimit = 64

    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .status(let chain):
            writer.write(UInt8(1))
            writer.write(chain)
        case .blocks(let chain, let from):
            writer.write(UInt8(2))
            writer.write(chain)
            writer.write(from)
        }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> SyncRequest {
        switch try reader.readUInt8() {
        case 1: return .status(chain: try reader.read())
        case 2:
            let chain: Digest = try reader.read()
            let from = try reader.readUInt64()
            guard from > 0 else { throw .invalid("heights start at 1") }
            return .blocks(chain: chain, from: from)
        case let tag: throw .unknownTag(UInt64(tag), of: "SyncRequest")
        }
    }
}

/// A block with the certificate that decided it: verified alone, under the validators of its height.
package struct DecidedBlock: Canonical, Hashable {
    package let block: Block
    package let commit: Commit

    package init(block: Block, commit: Commit) {
        self.block = block
        self.commit = commit
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(block)
        writer.write(commit)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> DecidedBlock {
        DecidedBlock(block: try reader.read(), commit: try reader.read())
    }
}

package enum SyncAnswer: Canonical, Hashable {
    /// The heights of the oldest and the newest block that can be asked for; both zero before the first block.
    case status(base: Height, head: Height)
    /// In order of height, without a gap; empty when the peer does not have the first one asked for.
    case blocks([DecidedBlock])
    case otherChain

    /// 2 MiB: one full block with a large certificate always fits.
    package static let byteLimit = 2 << 20
    /// Empty blocks are small: 256 of them are about 300 KB.
    package static let blockLimit = 256
    /// Blocks are added to an answer until it is above this many bytes.
    static let fillLimit = 1 << 20

    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .status(let base, let head):
            writer.write(UInt8(1))
            writer.write(base)
            writer.write(head)
        case .blocks(let blocks):
            writer.write(UInt8(2))
            writer.write(list: blocks)
        case .otherChain:
            writer.write(UInt8(3))
        }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> SyncAnswer {
        guard reader.remaining <= byteLimit else {
            throw .tooLong(length: UInt64(reader.remaining), limit: UInt64(byteLimit))
        }
        switch try reader.readUInt8() {
        case 1:
            let base = try reader.readUInt64()
            let head = try reader.readUInt64()
            guard base <= head else { throw .invalid("the oldest block is above the newest") }
            return .status(base: base, head: head)
        case 2:
            let blocks: [DecidedBlock] = try reader.readList(limit: blockLimit)
            for (left, right) in zip(blocks, blocks.dropFirst()) where left.block.height &+ 1 != right.block.height {
                throw .invalid("blocks are not in order of height")
            }
            return .blocks(blocks)
        case 3: return .otherChain
        case let tag: throw .unknownTag(UInt64(tag), of: "SyncAnswer")
        }
    }
}
