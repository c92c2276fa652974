package import Keys
package import Ledger
package import Wire

/// What a payee writes down before it says so.
package enum PayeeEntry: Hashable, Sendable, Canonical {
    /// A voucher that is worth more than those before.
    case voucher(SignedVoucher, payer: AccountID, height: UInt64)
    /// The answer to a job is paid, out of what the channel's vouchers promise.
    case charged(Digest, channel: Digest, Amount)
    /// The answer is to be put on the ledger.
    case due(Due)
    /// It is there, or cannot be.
    case recorded(Digest)
    /// The ledger does not know the channel any more.
    case forgotten(Digest)

    package struct Due: Hashable, Sendable, Canonical {
        package let job: Digest
        /// What the answer cost.
        package let payment: Amount

        package init(job: Digest, payment: Amount) {
            self.job = job
            self.payment = payment
        }

        package func encode(into writer: inout ByteWriter) {
            writer.write(job)
            writer.write(payment)
        }
        package static func decode(from reader: inout ByteReader) throws(WireError) -> Due {
            Due(job: try reader.read(), payment: try reader.read())
        }
    }

    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .voucher(let voucher, let payer, let height):
            writer.write(UInt8(0))
            writer.write(voucher)
            writer.write(payer)
            writer.write(height)
        case .charged(let job, let channel, let seeds):
            writer.write(UInt8(1))
            writer.write(job)
            writer.write(channel)
            writer.write(seeds)
        case .due(let due):
            writer.write(UInt8(2))
            writer.write(due)
        case .recorded(let job):
            writer.write(UInt8(3))
            writer.write(job)
        case .forgotten(let channel):
            writer.write(UInt8(4))
            writer.write(channel)
        }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> PayeeEntry {
        switch try reader.readUInt8() {
        case 0: .voucher(try reader.read(), payer: try reader.read(), height: try reader.readUInt64())
        case 1: .charged(try reader.read(), channel: try reader.read(), try reader.read())
        case 2: .due(try reader.read())
        case 3: .recorded(try reader.read())
        case 4: .forgotten(try reader.read())
        case let tag: throw .unknownTag(UInt64(tag), of: "PayeeEntry")
        }
    }
}
