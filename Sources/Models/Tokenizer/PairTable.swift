/// The merges of a byte-pair encoding by their two tokens: a hash table with open addressing.
struct PairTable: Sendable {
    private struct Slot {
        var pair: UInt64
        var merge: MergeQueue.Merge
    }

    private static let empty = UInt64.max
    private var slots: [Slot]
    private let mask: Int
    /// Multiplier of the hash; drawn anew in each process, so that no file can be made to collide.
    private let factor: UInt64

    init(capacity: Int) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        mask = size - 1
        let none = Slot(pair: Self.empty, merge: MergeQueue.Merge(rank: 0, token: 0))
        slots = [Slot](repeating: none, count: size)
        factor = UInt64.random(in: 0...UInt64.max) | 1
    }

    /// - Returns: false when the pair is there already; nothing changes then.
    mutating func insert(_ left: TokenID, _ right: TokenID, _ merge: MergeQueue.Merge) -> Bool {
        let pair = UInt64(left) << 32 | UInt64(right)
        let slot = slot(of: pair)
        guard slots[slot].pair == Self.empty else { return false }
        slots[slot] = Slot(pair: pair, merge: merge)
        return true
    }

    func merge(_ left: TokenID, _ right: TokenID) -> MergeQueue.Merge? {
        let pair = UInt64(left) << 32 | UInt64(right)
        let slot = slots[slot(of: pair)]
        return slot.pair == pair ? slot.merge : nil
    }

    private func slot(of pair: UInt64) -> Int {
        let product = pair.multipliedFullWidth(by: factor)
        var slot = Int(truncatingIfNeeded: product.high ^ product.low ^ product.low >> 32) & mask
        while slots[slot].pair != Self.empty, slots[slot].pair != pair { slot = (slot + 1) & mask }
        return slot
    }
}
