package import Keys
internal import Synchronization

extension SigningKey {
    /// The key of the party with this number: the same number, the same key.
    ///
    /// A key is kept once it is made: it is a product on the curve, and guarded pages of its own with half a dozen system calls that stop every
    /// thread of the process. Tests that name their parties by number would make half a million.
    package static func seeded(_ number: UInt64) -> SigningKey {
        made.withLock { made in
            if let key = made[number] { return key }
            var generator = SeededGenerator(seed: number)
            guard let key = SigningKey(seed: (0..<32).map { _ in UInt8(truncatingIfNeeded: generator.next()) }) else {
                preconditionFailure("a seed has 32 bytes")
            }
            // Each holds four mappings of the 65,530 that a process may have.
            if made.count == 4096 { made.removeAll() }
            made[number] = key
            return key
        }
    }

    private static let made = Mutex<[UInt64: SigningKey]>([:])
}
