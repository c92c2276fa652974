package import Keys
package import Proofs
package import Wire

/// What an asker keeps of an answer: the exchange, when it came, and what its check came to.
package struct HeldReceipt: Hashable, Sendable, KeptRecord {
    package enum Verdict: UInt8, Hashable, Sendable, CaseIterable {
        /// Signatures and digests are right; nobody computed it again.
        case open
        case right
        case wrong
    }

    package let exchange: Exchange
    /// In milliseconds since 1970.
    package let time: UInt64
    package let verdict: Verdict

    package init(exchange: Exchange, time: UInt64, verdict: Verdict) {
        self.exchange = exchange
        self.time = time
        self.verdict = verdict
    }

    package var job: Digest { exchange.job }

    package func encode(into writer: inout ByteWriter) {
        writer.write(exchange)
        writer.write(time)
        writer.write(verdict.rawValue)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> HeldReceipt {
        let (exchange, time): (Exchange, UInt64) = (try reader.read(), try reader.readUInt64())
        let tag = try reader.readUInt8()
        guard let verdict = Verdict(rawValue: tag) else { throw .unknownTag(UInt64(tag), of: "Verdict") }
        return HeldReceipt(exchange: exchange, time: time, verdict: verdict)
    }
}
