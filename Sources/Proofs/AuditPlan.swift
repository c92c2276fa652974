package import Keys
internal import Wire

/// Which segments of one receipt each member of its committee re-executes.
///
/// Two parts. The *shared* part is drawn from the beacon after the receipt is on the ledger: the segments form a circle, cut at a
/// drawn place into one arc for each member, and each member takes `2f + 1` arcs in a row, `f = (members − 1) / 3`. An update
/// is accepted by more than two thirds, so up to `f` members may be missing from the majority and up to `f` in it may lie: with
/// `2f + 1` members to each segment an honest one in every majority has re-executed it, and a single false segment anywhere is
/// found with certainty. Arcs rather than scattered segments, because the end of one segment is the start of the next: one
/// fetched checkpoint serves a whole arc. The *own* part is drawn from the member's VRF, which nobody else can foretell.
package struct AuditPlan: Hashable, Sendable {
    /// Segments drawn by each member for itself; one keeps the cost at 1/S of a training.
    package static let ownDraws = 1

    private let members: [AccountID]
    private let segments: Int
    /// The segment at which the first arc begins.
    private let start: Int

    /// - Parameter seed: fixed by the ledger after the receipt, and the same for every member.
    package init(seed: Digest, receipt: Digest, members: [AccountID], segments: Int) {
        self.members = members
        self.segments = max(1, segments)
        var writer = ByteWriter(capacity: 64)
        writer.write(seed)
        writer.write(receipt)
        var generator = SeededGenerator(seed: Digest(of: writer.bytes, domain: "audit-plan"))
        start = Int(generator.next(below: UInt64(self.segments)))
    }

    /// Members that re-execute each segment.
    package var redundancy: Int { members.isEmpty ? 0 : (members.count - 1) / 3 * 2 + 1 }

    /// The shared part of `member`, ascending; empty for a stranger.
    package func shared(of member: AccountID) -> [UInt32] {
        guard let position = members.firstIndex(of: member) else { return [] }
        return (0..<segments).filter { segment in
            let place = (segment - start + segments) % segments
            let arc = place * members.count / segments
            return (position - arc + members.count) % members.count < redundancy
        }.map { UInt32($0) }
    }

    /// The own part: ``ownDraws`` different segments, ascending, from the member's VRF output.
    package static func own(from output: Digest, segments: Int) -> [UInt32] {
        var generator = SeededGenerator(seed: output)
        var drawn: Set<UInt32> = []
        while drawn.count < min(ownDraws, segments) {
            drawn.insert(UInt32(truncatingIfNeeded: generator.next(below: UInt64(segments))))
        }
        return drawn.sorted()
    }
}
