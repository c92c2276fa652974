/// The bytes of a key file. Each key has one form in clear.
///
/// `"banyan key\n" ‖ version ‖ kind ‖ public key` (45 bytes), then for kind 0 the seed (32 bytes), for kind 1 the memory in KiB
/// and the passes of Argon2id (4 bytes each, big-endian), its salt (16), a nonce (24) and the seed sealed with
/// XChaCha20-Poly1305 (48), which authenticates everything before it. The public key is the check of a seed in clear.
enum KeyFileFormat {
    static let version: UInt8 = 1
    /// Length of the longest form in bytes.
    static let longest = header + 8 + saltLength + XChaChaPoly.nonceLength + 32 + XChaChaPoly.tagLength

    private static let magic = Array("banyan key\n".utf8)
    private static let header = 11 + 1 + 1 + 32
    private static let saltLength = 16
    private enum Kind: UInt8 { case clear = 0, sealed = 1 }

    static func encode(
        _ key: SigningKey, passphrase: [UInt8]?, cost: PassphraseCost, path: String
    ) throws(KeyFileError) -> [UInt8] {
        var seed = key.seed
        defer { seed.zero() }
        var content: [UInt8] = []
        content.reserveCapacity(longest)  // So that no copy of the seed is left behind by growing.
        content += magic
        content += [version, (passphrase == nil ? Kind.clear : .sealed).rawValue]
        content += key.publicKey.bytes
        guard let passphrase else { return content + seed }
        guard !passphrase.isEmpty else { throw .unwritable(path: path, reason: "the passphrase is empty") }
        let salt = SecureRandom.bytes(saltLength)
        let nonce = SecureRandom.bytes(XChaChaPoly.nonceLength)
        content += bigEndian(cost.memory) + bigEndian(cost.passes) + salt + nonce
        guard var sealingKey = cost.key(from: passphrase, salt: salt) else {
            throw .outOfMemory(path: path, needed: cost.memory)
        }
        defer { sealingKey.zero() }
        return content + XChaChaPoly.seal(seed, key: sealingKey, nonce: nonce, authenticating: content)
    }

    static func decode(_ content: [UInt8], passphrase: [UInt8]?, path: String) throws(KeyFileError) -> SigningKey {
        let (publicKey, isEncrypted) = try summary(of: content, path: path)
        var seed = isEncrypted ? try unseal(content, passphrase, path) : Array(content[header...])
        defer { seed.zero() }
        guard let key = SigningKey(seed: seed), key.publicKey == publicKey else {
            throw .malformed(path: path, reason: "its two halves do not belong together")
        }
        return key
    }

    static func summary(
        of content: [UInt8], path: String
    ) throws(KeyFileError) -> (publicKey: PublicKey, isEncrypted: Bool) {
        guard content.starts(with: magic) else { throw .malformed(path: path, reason: "it does not begin as one") }
        guard content.count > magic.count, content[magic.count] == version else {
            throw .unsupportedVersion(path: path, version: content.count > magic.count ? content[magic.count] : 0)
        }
        guard content.count >= header, let kind = Kind(rawValue: content[magic.count + 1]),
            content.count == (kind == .clear ? header + 32 : longest),
            let publicKey = PublicKey(bytes: Array(content[(header - 32)..<header]))
        else { throw .malformed(path: path, reason: "it has \(content.count) bytes") }
        return (publicKey, kind == .sealed)
    }

    private static func unseal(
        _ content: [UInt8], _ passphrase: [UInt8]?, _ path: String
    ) throws(KeyFileError) -> [UInt8] {
        guard let passphrase, !passphrase.isEmpty else { throw .passphraseNeeded(path: path) }
        let saltStart = header + 8
        let nonceStart = saltStart + saltLength
        let sealedStart = nonceStart + XChaChaPoly.nonceLength
        let numbers = content[header..<saltStart].map { UInt32($0) }
        let memory = numbers[..<4].reduce(0) { $0 << 8 | $1 }
        let passes = numbers[4...].reduce(0) { $0 << 8 | $1 }
        guard let cost = PassphraseCost(memory: memory, passes: passes) else {
            throw .malformed(path: path, reason: "its key derivation is out of bounds")
        }
        guard var key = cost.key(from: passphrase, salt: Array(content[saltStart..<nonceStart])) else {
            throw .outOfMemory(path: path, needed: memory)
        }
        defer { key.zero() }
        let seed = XChaChaPoly.open(
            Array(content[sealedStart...]), key: key, nonce: Array(content[nonceStart..<sealedStart]),
            authenticating: Array(content[..<sealedStart]))
        guard let seed else { throw .wrongPassphrase(path: path) }
        return seed
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }
}
