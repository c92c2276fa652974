/// Finds the token with given bytes: a hash table with open addressing over the strings of a vocabulary.
///
/// The hash is seeded anew in each process, so that no file can be made to collide; the table's order is never seen.
struct TokenIndex: Sendable {
    private let strings: GGUFStrings
    /// Token numbers; −1 where nothing is. At most half full.
    private var slots: [Int32]
    private let mask: Int
    /// Bytes of the longest string.
    let longest: Int

    /// - Throws: the numbers of two equal strings. Empty strings are not entered.
    init(_ strings: GGUFStrings) throws(Duplicate) {
        self.strings = strings
        var capacity = 16
        while capacity < strings.count * 2 { capacity *= 2 }
        mask = capacity - 1
        slots = [Int32](repeating: -1, count: capacity)
        longest = strings.lazy.map(\.count).max() ?? 0
        for (number, string) in strings.enumerated() where !string.isEmpty {
            let slot = slot(of: string)
            guard slots[slot] < 0 else { throw Duplicate(first: Int(slots[slot]), second: number) }
            slots[slot] = Int32(number)
        }
    }

    struct Duplicate: Error, Hashable {
        let first: Int
        let second: Int
    }

    subscript(bytes: ArraySlice<UInt8>) -> TokenID? {
        guard !bytes.isEmpty, bytes.count <= longest else { return nil }
        let number = slots[slot(of: bytes)]
        return number < 0 ? nil : TokenID(number)
    }

    subscript(text: String) -> TokenID? { self[Array(text.utf8)[...]] }

    /// The slot that holds `bytes`, or the empty one where they belong.
    private func slot(of bytes: ArraySlice<UInt8>) -> Int {
        var hasher = Hasher()
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        var slot = hasher.finalize() & mask
        while slots[slot] >= 0, strings[Int(slots[slot])] != bytes { slot = (slot + 1) & mask }
        return slot
    }
}
