package import Keys
internal import Wire

/// Which segments of one receipt each member of its committee re-executes.
///
/// The part that all members share; each draws more for itself by its VRF (`Verdict.draw`, which the ledger checks). It is drawn from the beacon after the receipt is on the ledger: the segments form a circle, cut at a
/// drawn place into one arc for each member, and each member takes `2f + 1` arcs in a row, `f = (members − 1) / 3`. An update
/// is accepted by more than two thirds, so up to `f` members may be missing from the majority and up to `f` in it may lie: with
/// `2f + 1` members to each segment an honest one in every majority has re-executed it, and a single false segment anywhere is
/// found with certainty. Arcs rather than scattered segments, because the end of one segment is the start of the next: one
/// fetched checkpoint serves a whole arc.
package struct AuditPlan: Hashable, Sendable {
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
}
