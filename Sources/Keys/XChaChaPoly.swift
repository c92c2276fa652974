internal import CSodium

/// Authenticated encryption with XChaCha20 and Poly1305 (draft-irtf-cfrg-xchacha-03): 32-byte key, 24-byte nonce, 16-byte tag
/// after the text. The nonce is long enough to be drawn at random for each message.
package enum XChaChaPoly {
    package static let keyLength = 32
    package static let nonceLength = 24
    package static let tagLength = 16

    /// - Precondition: `key` has 32 and `nonce` 24 bytes.
    package static func seal(
        _ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], authenticating header: [UInt8] = []
    ) -> [UInt8] {
        precondition(key.count == keyLength && nonce.count == nonceLength, "32 bytes of key, 24 of nonce")
        var sealed = [UInt8](repeating: 0, count: plaintext.count + tagLength)
        unsafe crypto_aead_xchacha20poly1305_ietf_encrypt(
            &sealed, nil, plaintext, UInt64(plaintext.count), header, UInt64(header.count), nil, nonce, key)
        return sealed
    }

    /// - Precondition: `key` has 32 and `nonce` 24 bytes.
    /// - Returns: nil when the tag does not fit the key, nonce, header and bytes.
    package static func open(
        _ sealed: [UInt8], key: [UInt8], nonce: [UInt8], authenticating header: [UInt8] = []
    ) -> [UInt8]? {
        precondition(key.count == keyLength && nonce.count == nonceLength, "32 bytes of key, 24 of nonce")
        guard sealed.count >= tagLength else { return nil }
        var plaintext = [UInt8](repeating: 0, count: sealed.count - tagLength)
        let status = unsafe crypto_aead_xchacha20poly1305_ietf_decrypt(
            &plaintext, nil, nil, sealed, UInt64(sealed.count), header, UInt64(header.count), nonce, key)
        return status == 0 ? plaintext : nil
    }
}
