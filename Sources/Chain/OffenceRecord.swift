package import Consensus
package import Keys
package import Wire

/// Who validated when, and which evidence was punished: what evidence of an older height is checked against.
package struct OffenceRecord: Hashable, Sendable, Canonical {
    /// Evidence older than this many blocks is not taken: about a day of one-second blocks. A stake must stay bonded longer.
    package static let evidenceAge: Height = 100_000

    /// The sets in force, each from its height to the next entry's; in order of height.
    private var sets: [Span]
    /// The evidence in blocks, with the height of its votes; in order of that height, then id.
    private var punished: [Punished] = []

    struct Span: Hashable, Sendable, Canonical {
        let from: Height
        let set: ValidatorSet

        func encode(into writer: inout ByteWriter) {
            writer.write(from)
            writer.write(set)
        }
        static func decode(from reader: inout ByteReader) throws(WireError) -> Span {
            Span(from: try reader.readUInt64(), set: try reader.read())
        }
    }

    struct Punished: Hashable, Sendable, Canonical {
        let height: Height
        let id: Digest

        func encode(into writer: inout ByteWriter) {
            writer.write(height)
            writer.write(id)
        }
        static func decode(from reader: inout ByteReader) throws(WireError) -> Punished {
            Punished(height: try reader.readUInt64(), id: try reader.read())
        }
    }

    package enum Problem: Error, Hashable, Sendable {
        /// The height of its votes is not decided yet.
        case tooEarly(Height)
        case tooOld(Height)
        case alreadyPunished(Digest)
        case invalid(Evidence.Problem)
    }

    init(first set: ValidatorSet) { sets = [Span(from: 1, set: set)] }

    /// The validators of a height that is decided or next; nil when it is too long ago.
    package func validators(at height: Height) -> ValidatorSet? { sets.last { $0.from <= height }?.set }

    /// Checks evidence for a block after `head` (E1, E10, E11).
    package func check(_ evidence: Evidence, head: Height, chain: ChainID) throws(Problem) {
        guard evidence.height <= head else { throw .tooEarly(evidence.height) }
        guard head - evidence.height <= Self.evidenceAge, let set = validators(at: evidence.height) else {
            throw .tooOld(evidence.height)
        }
        guard !punished.contains(where: { $0.id == evidence.id }) else { throw .alreadyPunished(evidence.id) }
        do { try evidence.verify(set: set, chain: chain) } catch { throw .invalid(error) }
    }

    /// Notes what the block at `head` punished, and the validators of the height after it; forgets what is too old.
    mutating func advance(to head: Height, punishing evidence: [Evidence], next: ValidatorSet) {
        punished += evidence.map { Punished(height: $0.height, id: $0.id) }
        punished.sort { ($0.height, $0.id) < ($1.height, $1.id) }
        if sets.last?.set.digest != next.digest { sets.append(Span(from: head + 1, set: next)) }
        guard head > Self.evidenceAge else { return }
        let oldest = head - Self.evidenceAge
        punished.removeAll { $0.height < oldest }
        while sets.count > 1, sets[1].from <= oldest { sets.removeFirst() }
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(list: sets)
        writer.write(list: punished)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> OffenceRecord {
        let sets: [Span] = try reader.readList(limit: Int(evidenceAge) + 2)
        guard let first = sets.first else { throw .invalid("a chain has validators") }
        var record = OffenceRecord(first: first.set)
        record.sets = sets
        record.punished = try reader.readList(limit: (Int(evidenceAge) + 1) * Block.evidenceLimit)
        return record
    }
}
