internal import CSodium

/// What one guess at a passphrase costs: Argon2id (RFC 9106) with one lane.
package struct PassphraseCost: Hashable, Sendable {
    /// Memory in KiB.
    package let memory: UInt32
    /// Passes over the memory.
    package let passes: UInt32

    /// 256 MiB and three passes: under a second for the owner, the same for each guess of a thief.
    package static let standard = PassphraseCost(known: 256 * 1024, 3)
    /// The least that is accepted, for tests: 8 MiB and one pass.
    package static let least = PassphraseCost(known: 8 * 1024, 1)

    /// 1 GiB and sixteen passes bound what a file from elsewhere can make us spend.
    private static let memoryRange: ClosedRange<UInt32> = 8 * 1024...1024 * 1024
    private static let passRange: ClosedRange<UInt32> = 1...16

    /// - Returns: nil outside 8 MiB…1 GiB and 1…16 passes.
    package init?(memory: UInt32, passes: UInt32) {
        guard Self.memoryRange.contains(memory), Self.passRange.contains(passes) else { return nil }
        self.init(known: memory, passes)
    }

    private init(known memory: UInt32, _ passes: UInt32) {
        self.memory = memory
        self.passes = passes
    }

    /// A key of 32 bytes from a passphrase; the result is the caller's to zero.
    /// - Returns: nil when there is not enough memory.
    func key(from passphrase: [UInt8], salt: [UInt8]) -> [UInt8]? {
        precondition(salt.count == Int(crypto_pwhash_argon2id_SALTBYTES), "a salt of 16 bytes")
        _ = Sodium.isReady
        var key = [UInt8](repeating: 0, count: 32)
        let status = unsafe passphrase.withUnsafeBytes { bytes in
            guard let start = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress else { return Int32(-1) }
            return unsafe crypto_pwhash_argon2id(
                &key, 32, start, UInt64(bytes.count), salt, UInt64(passes), Int(memory) * 1024,
                crypto_pwhash_argon2id_ALG_ARGON2ID13)
        }
        return status == 0 ? key : nil
    }
}
