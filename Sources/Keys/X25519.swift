internal import CSodium

/// A Diffie–Hellman key pair on Curve25519 (RFC 7748). The private bytes are zeroed when the last copy goes.
package struct X25519: Sendable {
    /// 32 bytes.
    package let publicKey: [UInt8]
    private let secret: SecretScalar

    /// A fresh key pair.
    package static func generate() -> X25519 {
        var bytes = SecureRandom.bytes(32)
        defer { bytes.zero() }
        guard let key = X25519(privateKey: bytes) else { preconditionFailure("a private key has 32 bytes") }
        return key
    }

    /// - Returns: nil unless there are exactly 32 bytes. The caller's copy is the caller's to zero.
    package init?(privateKey: [UInt8]) {
        guard privateKey.count == 32 else { return nil }
        _ = Sodium.isReady
        secret = SecretScalar(privateKey)
        var publicKey = [UInt8](repeating: 0, count: 32)
        unsafe secret.withBytes { unsafe _ = crypto_scalarmult_curve25519_base(&publicKey, $0) }
        self.publicKey = publicKey
    }

    /// The shared secret with `peer`'s public key (RFC 7748, section 6.1). The result is the caller's to zero.
    /// - Returns: nil when `peer` has not 32 bytes or has small order, so that the result would be all zeros.
    package func sharedSecret(with peer: [UInt8]) -> [UInt8]? {
        guard peer.count == 32 else { return nil }
        var shared = [UInt8](repeating: 0, count: 32)
        var status: Int32 = -1
        unsafe secret.withBytes { unsafe status = crypto_scalarmult_curve25519(&shared, $0, peer) }
        return status == 0 ? shared : nil
    }
}

/// Agreement on a secret between two parties that know each other's public key.
package typealias KeyAgreement = X25519

/// 32 secret bytes that are zeroed when freed. Ephemeral keys are many and short-lived: plain memory, not guarded pages.
@safe private final class SecretScalar: @unchecked Sendable {
    private let pointer: UnsafeMutablePointer<UInt8>

    init(_ bytes: [UInt8]) {
        unsafe pointer = .allocate(capacity: 32)
        for index in 0..<32 { unsafe pointer[index] = bytes[index] }
    }

    deinit {
        unsafe sodium_memzero(pointer, 32)
        unsafe pointer.deallocate()
    }

    func withBytes(_ body: (UnsafePointer<UInt8>) -> Void) { unsafe body(UnsafePointer(pointer)) }
}
