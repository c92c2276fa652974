internal import Wire

/// The steps of ECVRF-EDWARDS25519-SHA512-TAI (RFC 9381, sections 5 and 5.5; suite 0x03).
enum ECVRF {
    private static let suite: UInt8 = 0x03

    static func prove(publicKey: [UInt8], alpha: [UInt8], using key: SigningKey) -> VRFProof {
        let h = encodeToCurve(publicKey: publicKey, alpha: alpha)
        return key.withExpandedSecret { scalar, prefix in
            guard let gamma = Edwards25519.multiply(scalar, h) else { preconditionFailure("x·H is the identity") }
            var nonceHash = SHA512.hash(prefix + h)
            var nonce = Edwards25519.reduce(nonceHash)
            defer {
                nonceHash.zero()
                nonce.zero()
            }
            // A zero nonce has probability 2^-252.
            guard let u = Edwards25519.multiplyBase(nonce), let v = Edwards25519.multiply(nonce, h) else {
                preconditionFailure("the nonce is zero")
            }
            let c = challenge(publicKey, h, gamma, u, v)
            var product = Edwards25519.multiplyScalars(widen(c), scalar)
            defer { product.zero() }
            let s = Edwards25519.addScalars(nonce, product)
            guard let proof = VRFProof(bytes: gamma + c + s) else { preconditionFailure("lengths are fixed") }
            return proof
        }
    }

    static func verify(publicKey: [UInt8], proof: VRFProof, alpha: [UInt8]) -> VRFOutput? {
        let gamma = proof.gamma
        guard Edwards25519.isPrimeOrderPoint(publicKey), Edwards25519.isPrimeOrderPoint(gamma),
            Edwards25519.isReduced(proof.response)
        else { return nil }
        let h = encodeToCurve(publicKey: publicKey, alpha: alpha)
        let c = widen(proof.challenge)
        guard let sB = Edwards25519.multiplyBase(proof.response), let cY = Edwards25519.multiply(c, publicKey),
            let sH = Edwards25519.multiply(proof.response, h), let cGamma = Edwards25519.multiply(c, gamma),
            let u = Edwards25519.subtract(sB, cY), let v = Edwards25519.subtract(sH, cGamma),
            challenge(publicKey, h, gamma, u, v) == proof.challenge
        else { return nil }
        return output(of: gamma)
    }

    /// ECVRF_proof_to_hash, section 5.2: hashes the cofactor times Gamma.
    static func output(of gamma: [UInt8]) -> VRFOutput? {
        guard let cleared = Edwards25519.clearCofactor(gamma) else { return nil }
        return VRFOutput(bytes: SHA512.hash([suite, 0x03] + cleared + [0x00]))
    }

    /// Try and increment, section 5.4.1.1: hash with a counter until 32 bytes are a point; then clear the cofactor.
    static func encodeToCurve(publicKey: [UInt8], alpha: [UInt8]) -> [UInt8] {
        for counter in UInt8.min...UInt8.max {
            let hash = SHA512.hash([suite, 0x01] + publicKey + alpha + [counter, 0x00])
            let candidate = Array(hash[..<32])
            guard Edwards25519.isCanonical(candidate), let point = Edwards25519.clearCofactor(candidate),
                point != Edwards25519.identity
            else { continue }
            return point
        }
        // Half of all strings are points: 256 misses have probability 2^-256.
        preconditionFailure("no point in 256 tries")
    }

    /// ECVRF_challenge_generation, section 5.4.3: 16 bytes.
    private static func challenge(
        _ publicKey: [UInt8], _ h: [UInt8], _ gamma: [UInt8], _ u: [UInt8], _ v: [UInt8]
    ) -> [UInt8] {
        Array(SHA512.hash([suite, 0x02] + publicKey + h + gamma + u + v + [0x00])[..<16])
    }

    private static func widen(_ challenge: [UInt8]) -> [UInt8] { challenge + [UInt8](repeating: 0, count: 16) }
}
