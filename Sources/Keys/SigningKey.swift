internal import CSodium

/// An Ed25519 private key. The bytes live in locked memory and are zeroed when the last copy goes.
package struct SigningKey: Sendable {
    package let publicKey: PublicKey
    private let secret: Secret

    /// - Parameter seed: 32 secret bytes (RFC 8032, section 5.1.5).
    /// - Returns: nil unless there are exactly 32 bytes.
    package init?(seed: [UInt8]) {
        guard seed.count == 32 else { return nil }
        secret = Secret(seed: seed)
        publicKey = PublicKey(bytes: secret.publicKey)!
    }

    /// A fresh key from the system's generator.
    package static func generate() -> SigningKey {
        var seed = [UInt8](repeating: 0, count: 32)
        unsafe randombytes_buf(&seed, 32)
        defer { unsafe sodium_memzero(&seed, 32) }
        return SigningKey(seed: seed)!
    }

    package func sign(_ message: [UInt8], for purpose: Purpose) -> Signature { signRaw(purpose.prefix + message) }

    /// RFC 8032 signature without a purpose, for the formats of others (libp2p).
    package func signRaw(_ message: [UInt8]) -> Signature { Signature(bytes: secret.sign(message))! }

    /// The 32-byte seed, for writing the key to a file.
    package var seed: [UInt8] { secret.seed }
}

/// 64 bytes of libsodium secret key (seed ‖ public key) in guarded memory.
@safe private final class Secret: @unchecked Sendable {
    private let pointer: UnsafeMutablePointer<UInt8>
    let publicKey: [UInt8]

    init(seed: [UInt8]) {
        precondition(sodium_init() >= 0, "libsodium could not start")
        guard let memory = unsafe sodium_malloc(64) else { fatalError("no locked memory left for a key") }
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
