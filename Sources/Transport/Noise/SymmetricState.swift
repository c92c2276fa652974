internal import Keys

/// The chaining key and the transcript hash of a handshake (Noise revision 34, section 5.2) with SHA-256.
struct SymmetricState: Sendable {
    private var chainingKey: [UInt8]
    private(set) var hash: [UInt8]
    private var cipher: CipherState?

    init(protocolName: String) {
        let name = Array(protocolName.utf8)
        hash = name.count <= 32 ? name + [UInt8](repeating: 0, count: 32 - name.count) : Self.digest(name)
        chainingKey = hash
    }

    mutating func mixHash(_ data: [UInt8]) { hash = Self.digest(hash + data) }

    mutating func mixKey(_ material: [UInt8]) {
        let (next, key) = HKDF.noise2(chainingKey: chainingKey, material)
        chainingKey = next
        cipher = CipherState(key: key)
    }

    mutating func encryptAndHash(_ text: [UInt8]) throws(NoiseError) -> [UInt8] {
        let output = try cipher?.seal(text, authenticating: hash) ?? text
        mixHash(output)
        return output
    }

    mutating func decryptAndHash(_ input: [UInt8]) throws(NoiseError) -> [UInt8] {
        let text = try cipher?.open(input, authenticating: hash) ?? input
        mixHash(input)
        return text
    }

    /// Bytes that encryption adds now: a tag, or none before the first key.
    var overhead: Int { cipher == nil ? 0 : CipherState.tagLength }

    /// The two keys of the channel: initiator to responder, responder to initiator.
    func split() -> (CipherState, CipherState) {
        let (first, second) = HKDF.noise2(chainingKey: chainingKey, [])
        return (CipherState(key: first), CipherState(key: second))
    }

    private static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish().bytes
    }
}
