internal import Keys

/// A ChaCha20-Poly1305 key and the counter of its messages (Noise revision 34, section 5.1).
package struct CipherState: Sendable {
    package static let tagLength = ChaChaPoly.tagLength

    /// 32 bytes.
    let key: [UInt8]
    private(set) var counter: UInt64 = 0

    init(key: [UInt8]) { self.key = key }

    package mutating func seal(_ text: [UInt8], authenticating header: [UInt8] = []) throws(NoiseError) -> [UInt8] {
        ChaChaPoly.seal(text, key: key, nonce: try takeNonce(), authenticating: header)
    }

    /// - Throws: ``NoiseError/notAuthentic``; the channel is then of no further use.
    package mutating func open(_ sealed: [UInt8], authenticating header: [UInt8] = []) throws(NoiseError) -> [UInt8] {
        let nonce = try takeNonce()
        guard let text = ChaChaPoly.open(sealed, key: key, nonce: nonce, authenticating: header) else {
            throw .notAuthentic
        }
        return text
    }

    /// Four zero bytes, then the counter, little-endian; never the same twice. The last value is reserved.
    mutating func takeNonce() throws(NoiseError) -> [UInt8] {
        guard counter < .max else { throw .nonceExhausted }
        var nonce: [UInt8] = [0, 0, 0, 0]
        nonce.reserveCapacity(12)
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            nonce.append(UInt8(truncatingIfNeeded: counter >> shift))
        }
        counter += 1
        return nonce
    }
}
