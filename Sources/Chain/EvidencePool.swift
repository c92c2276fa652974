package import Consensus
internal import Keys

/// Proofs of lies that wait for a block.
package struct EvidencePool: Sendable {
    /// 64 pieces, four full blocks of them. One validator makes at most one a round and kind that counts.
    package static let limit = 64

    /// In order of arrival.
    private(set) package var pending: [Evidence] = []

    package init() {}

    package var isEmpty: Bool { pending.isEmpty }

    /// Takes evidence whose signatures were verified.
    /// - Returns: false when it is known, or there is no room.
    package mutating func add(_ evidence: Evidence) -> Bool {
        // One proof per offender and height is enough to punish.
        guard pending.count < Self.limit,
            !pending.contains(where: { $0.offender == evidence.offender && $0.height == evidence.height })
        else { return false }
        pending.append(evidence)
        return true
    }

    /// What the next block may hold.
    package func ready(for state: ChainState) -> [Evidence] {
        pending.filter { (try? state.record.check($0, head: state.height, chain: state.chain)) != nil }
    }

    /// After a block: what is punished or too old goes; what is of a height still open stays.
    package mutating func committed(_ state: ChainState) {
        pending.removeAll { evidence in
            do throws(OffenceRecord.Problem) {
                try state.record.check(evidence, head: state.height, chain: state.chain)
                return false
            } catch {
                if case .tooEarly = error { return false }
                return true
            }
        }
    }
}
