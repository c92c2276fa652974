package import Keys
package import Ledger
package import Wire

/// What a payer writes down before it does it.
package enum PayerEntry: Hashable, Sendable, Canonical {
    /// The transaction that opens this channel goes out after this.
    case opening(Digest, payee: AccountID, height: UInt64)
    case asked(Asked)
    /// Nothing is owed for this job: it was refused, broken off, or answered wrongly.
    case dropped(Digest)
    /// The voucher that says so goes out after this.
    case paid(Digest, Amount)
    /// The payee has a voucher of so much in all.
    case acknowledged(Digest, Amount)
    /// The ledger does not know the channel any more.
    case forgotten(Digest)

    /// A question that will cost something when it is answered.
    package struct Asked: Hashable, Sendable, Canonical {
        package let job: Digest
        package let channel: Digest
        /// The node that was asked.
        package let node: PublicKey
        package let limit: Amount
        package let height: UInt64

        package init(job: Digest, channel: Digest, node: PublicKey, limit: Amount, height: UInt64) {
            self.job = job
            self.channel = channel
            self.node = node
            self.limit = limit
            self.height = height
        }

        package func encode(into writer: inout ByteWriter) {
            writer.write(job)
            writer.write(channel)
            writer.write(node)
            writer.write(limit)
            writer.write(height)
        }
        package static func decode(from reader: inout ByteReader) throws(WireError) -> Asked {
            Asked(
                job: try reader.read(), channel: try reader.read(), node: try reader.read(),
                limit: try reader.read(), height: try reader.readUInt64())
        }
    }

    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .opening(let channel, let payee, let height):
            writer.write(UInt8(0))
            writer.write(channel)
            writer.write(payee)
            writer.write(height)
        case .asked(let asked):
            writer.write(UInt8(1))
            writer.write(asked)
        case .dropped(let job):
            writer.write(UInt8(2))
            writer.write(job)
        case .paid(let job, let seeds):
            writer.write(UInt8(3))
            writer.write(job)
            writer.write(seeds)
        case .acknowledged(let channel, let amount):
            writer.write(UInt8(4))
            writer.write(channel)
            writer.write(amount)
        case .forgotten(let channel):
            writer.write(UInt8(5))
            writer.write(channel)
        }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> PayerEntry {
        switch try reader.readUInt8() {
        case 0: .opening(try reader.read(), payee: try reader.read(), height: try reader.readUInt64())
        case 1: .asked(try reader.read())
        case 2: .dropped(try reader.read())
        case 3: .paid(try reader.read(), try reader.read())
        case 4: .acknowledged(try reader.read(), try reader.read())
        case 5: .forgotten(try reader.read())
        case let tag: throw .unknownTag(UInt64(tag), of: "PayerEntry")
        }
    }
}
