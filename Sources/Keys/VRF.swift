package import Wire

/// The proof of a verifiable random function: ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381, 80 bytes (Gamma ‖ c ‖ s).
package struct VRFProof: Hashable, Sendable, Canonical {
    package static let length = 80

    package let bytes: [UInt8]

    /// - Returns: nil unless there are exactly 80 bytes. Whether they prove anything is decided by verification.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = bytes
    }

    /// The point Gamma, 32 bytes.
    var gamma: [UInt8] { Array(bytes[..<32]) }
    /// The challenge, 16 bytes, little-endian.
    var challenge: [UInt8] { Array(bytes[32..<48]) }
    /// The response, 32 bytes, little-endian.
    var response: [UInt8] { Array(bytes[48...]) }

    package func encode(into writer: inout ByteWriter) { writer.writeRaw(bytes) }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> VRFProof {
        guard let proof = VRFProof(bytes: try reader.readRaw(length)) else { throw .invalid("a VRF proof") }
        return proof
    }
}

/// The random value that a proof fixes: the same for every proof that verifies for one key and one input.
package struct VRFOutput: Hashable, Sendable {
    /// beta of RFC 9381, 64 bytes.
    package let bytes: [UInt8]

    /// The value as a seed.
    package var digest: Digest { Digest(of: bytes, domain: "vrf output") }
}

extension SigningKey {
    /// Proves the random value of this key for `alpha` (RFC 9381, section 5.1). The same input gives the same proof.
    package func prove(alpha: [UInt8]) -> VRFProof {
        ECVRF.prove(publicKey: publicKey.bytes, alpha: alpha, using: self)
    }
}

extension PublicKey {
    /// Checks a proof of this key for `alpha` (RFC 9381, section 5.3).
    ///
    /// Stricter than the RFC where the RFC leaves room, so that every node decides alike: the key and Gamma must be
    /// canonical encodings of points of the prime-order subgroup other than the identity, s must be below the group order,
    /// and neither c nor s may be zero. Honest provers never make any other.
    /// - Returns: the random value, or nil when the proof is wrong.
    package func verify(_ proof: VRFProof, alpha: [UInt8]) -> VRFOutput? {
        ECVRF.verify(publicKey: bytes, proof: proof, alpha: alpha)
    }
}
