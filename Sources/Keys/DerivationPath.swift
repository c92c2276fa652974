/// Which key of a tree of keys: `m/44'/0'`. Every step is hardened, as Ed25519 allows no others (SLIP-0010).
package struct DerivationPath: Hashable, Sendable, CustomStringConvertible {
    /// The deepest path accepted; BIP-44 has five steps.
    package static let depthLimit = 16

    /// Index of each step, without the bit that says hardened.
    package let steps: [UInt32]

    /// - Returns: nil for more than ``depthLimit`` steps or an index of 2^31 or more.
    package init?(_ steps: [UInt32]) {
        guard steps.count <= Self.depthLimit, steps.allSatisfy({ $0 < 1 << 31 }) else { return nil }
        self.steps = steps
    }

    /// Reads `m`, `m/0'`, `m/44'/0'`…
    /// - Returns: nil for any other form, among them steps that are not hardened.
    package init?(_ text: some StringProtocol) {
        let parts = Array(text.utf8).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.first == [UInt8(ascii: "m")] else { return nil }
        var steps: [UInt32] = []
        for part in parts.dropFirst() {
            let digits = part.dropLast()
            guard part.last == UInt8(ascii: "'"), let first = digits.first,
                digits.allSatisfy({ (48...57).contains($0) }),
                first != 48 || digits.count == 1, let step = UInt32(String(decoding: digits, as: UTF8.self))
            else { return nil }
            steps.append(step)
        }
        self.init(steps)
    }

    package var description: String { (["m"] + steps.map { "\($0)'" }).joined(separator: "/") }
}
