/// A secret in a tree that grows from one seed: whoever keeps the seed keeps them all, and none of them shows another
/// (SLIP-0010, hardened steps only).
package struct DerivedSecret: Sendable {
    /// What the keys of a tree are for; trees of one seed for two curves have nothing in common.
    package enum Curve: String, Sendable {
        case ed25519 = "ed25519 seed"
        case x25519 = "curve25519 seed"
    }

    /// 32 bytes: the seed of a signing key or a private key for key agreement. The copy is the caller's to zero.
    package private(set) var bytes: [UInt8]
    /// 32 bytes that the next step needs besides.
    package private(set) var chainCode: [UInt8]

    /// - Parameter seed: 16 to 64 secret bytes.
    /// - Returns: nil for another length.
    package init?(seed: [UInt8], curve: Curve, path: DerivationPath) {
        guard (16...64).contains(seed.count) else { return nil }
        (bytes, chainCode) = Self.halves(of: seed, key: Array(curve.rawValue.utf8))
        for step in path.steps {
            let number = step | 1 << 31
            var message: [UInt8] = [0]
            message.reserveCapacity(37)
            message += bytes
            message += stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
            let next = Self.halves(of: message, key: chainCode)
            message.zero()
            zero()
            (bytes, chainCode) = next
        }
    }

    /// Overwrites the secret with zeros.
    package mutating func zero() {
        bytes.zero()
        chainCode.zero()
    }

    private static func halves(of message: [UInt8], key: [UInt8]) -> ([UInt8], [UInt8]) {
        var hash = HMACSHA512.authenticate(message, key: key)
        defer { hash.zero() }
        return (Array(hash[..<32]), Array(hash[32...]))
    }
}

extension SigningKey {
    /// A key of the tree whose root is this one: the same key and path always give the same key.
    package func derived(_ path: DerivationPath) -> SigningKey {
        var root = seed
        defer { root.zero() }
        guard var secret = DerivedSecret(seed: root, curve: .ed25519, path: path),
            let key = SigningKey(seed: secret.bytes)
        else { preconditionFailure("seeds have 32 bytes") }
        secret.zero()
        return key
    }
}
