/// Keys from keying material with HMAC-SHA-256 (RFC 5869).
package enum HKDF {
    package static func extract(salt: [UInt8], _ material: [UInt8]) -> [UInt8] {
        HMACSHA256.authenticate(material, key: salt)
    }

    /// The most bytes that one expansion gives.
    package static let longest = 255 * 32

    /// - Precondition: `length` is at most ``longest``.
    package static func expand(_ key: [UInt8], info: [UInt8] = [], length: Int) -> [UInt8] {
        precondition(length >= 0 && length <= longest, "HKDF gives at most 8,160 bytes")
        var output: [UInt8] = []
        output.reserveCapacity(length + 32)
        var block: [UInt8] = []
        var counter: UInt8 = 0
        while output.count < length {
            counter += 1
            block = HMACSHA256.authenticate([block, info, [counter]], key: key)
            output += block
        }
        block.zero()
        return Array(output.prefix(length))
    }

    /// Extract, then expand.
    package static func derive(salt: [UInt8], _ material: [UInt8], info: [UInt8] = [], length: Int) -> [UInt8] {
        var key = extract(salt: salt, material)
        defer { key.zero() }
        return expand(key, info: info, length: length)
    }

    /// HKDF of the Noise framework (revision 34, section 4.3): two outputs of 32 bytes with an empty info.
    package static func noise2(chainingKey: [UInt8], _ material: [UInt8]) -> ([UInt8], [UInt8]) {
        var both = derive(salt: chainingKey, material, length: 64)
        defer { both.zero() }
        return (Array(both[..<32]), Array(both[32...]))
    }
}
