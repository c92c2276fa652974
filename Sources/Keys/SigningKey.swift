internal import CSodium

/// An Ed25519 private key. The bytes live in guarded memory and are zeroed when the last copy goes.
package struct SigningKey: Sendable {
    package let publicKey: PublicKey
    private let secret: SecretSeed

    /// - Parameter seed: 32 secret bytes (RFC 8032, section 5.1.5). The caller's copy is the caller's to zero.
    /// - Returns: nil unless there are exactly 32 bytes.
    package init?(seed: [UInt8]) {
        guard seed.count == 32 else { return nil }
        let secret = SecretSeed(seed)
        guard let key = PublicKey(bytes: secret.publicKey) else { return nil }
        self.secret = secret
        publicKey = key
    }

    /// A fresh key from the system's generator.
    package static func generate() -> SigningKey {
        var seed = SecureRandom.bytes(32)
        defer { seed.zero() }
        guard let key = SigningKey(seed: seed) else { preconditionFailure("a seed has 32 bytes") }
        return key
    }

    package func sign(_ message: [UInt8], for purpose: Purpose) -> Signature { signRaw(purpose.prefix + message) }

    /// RFC 8032 signature without a purpose, for the formats of others (libp2p).
    package func signRaw(_ message: [UInt8]) -> Signature {
        guard let signature = Signature(bytes: secret.sign(message)) else {
            preconditionFailure("a signature has 64 bytes")
        }
        return signature
    }

    /// The 32-byte seed, for writing the key to a file. The copy is the caller's to zero.
    package var seed: [UInt8] { secret.seed }

    /// Lends the clamped scalar and the nonce prefix of RFC 8032 (the two halves of SHA-512 of the seed); both are zeroed after.
    func withExpandedSecret<Result>(_ body: (_ scalar: [UInt8], _ prefix: [UInt8]) -> Result) -> Result {
        var seed = secret.seed
        var hash = SHA512.hash(seed)
        var scalar = Array(hash[..<32])
        var prefix = Array(hash[32...])
        defer {
            seed.zero()
            hash.zero()
            scalar.zero()
            prefix.zero()
        }
        scalar[0] &= 0xf8
        scalar[31] = scalar[31] & 0x7f | 0x40
        return body(scalar, prefix)
    }
}

/// 64 bytes of libsodium secret key (seed ‖ public key) in guarded memory: unreadable pages around it, locked out of swap
/// as far as the system's limit goes, zeroed when freed.
@safe private final class SecretSeed: @unchecked Sendable {
    private let pointer: UnsafeMutablePointer<UInt8>
    let publicKey: [UInt8]

    init(_ seed: [UInt8]) {
        _ = Sodium.isReady
        guard let memory = unsafe sodium_malloc(64) else { fatalError("no guarded memory left for a key") }
        unsafe pointer = memory.assumingMemoryBound(to: UInt8.self)
        var publicKey = [UInt8](repeating: 0, count: 32)
        unsafe crypto_sign_ed25519_seed_keypair(&publicKey, pointer, seed)
        self.publicKey = publicKey
        unsafe sodium_mprotect_readonly(memory)
    }

    deinit { unsafe sodium_free(pointer) }

    var seed: [UInt8] { unsafe Array(UnsafeBufferPointer(start: pointer, count: 32)) }

    func sign(_ message: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: 64)
        unsafe crypto_sign_ed25519_detached(&signature, nil, message, UInt64(message.count), pointer)
        return signature
    }
}
