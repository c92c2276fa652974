internal import CSodium

/// Decrypts the frames of the channel from a stream of bytes.
package struct NoiseOpener: Sendable {
    private var cipher: CipherState
    /// Received bytes that are not decrypted yet: less than one frame between two calls.
    private var inbox: [UInt8] = []

    package init(_ cipher: CipherState) { self.cipher = cipher }

    /// - Returns: the plaintext of all frames that are now complete.
    /// - Throws: ``NoiseError/wrongLength(_:)`` for a frame without room for a tag, ``NoiseError/notAuthentic``.
    package mutating func open(_ bytes: some Collection<UInt8>) throws(NoiseError) -> [UInt8] {
        inbox.append(contentsOf: bytes)
        var text = [UInt8](repeating: 0, count: inbox.count)
        var read = 0
        var written = 0
        while inbox.count - read >= 2 {
            let length = Int(inbox[read]) << 8 | Int(inbox[read + 1])
            guard length >= CipherState.tagLength else { throw .wrongLength(length) }
            guard inbox.count - read - 2 >= length else { break }
            let nonce = try cipher.takeNonce()
            let status = unsafe text.withUnsafeMutableBufferPointer { text in
                unsafe inbox.withUnsafeBufferPointer { inbox in
                    // `written` ≤ `read` always, so the plaintext fits into as many bytes as the inbox has.
                    unsafe crypto_aead_chacha20poly1305_ietf_decrypt(
                        text.baseAddress.unsafelyUnwrapped + written, nil, nil,
                        inbox.baseAddress.unsafelyUnwrapped + read + 2, UInt64(length), nil, 0, nonce, cipher.key)
                }
            }
            guard status == 0 else { throw .notAuthentic }
            read += 2 + length
            written += length - CipherState.tagLength
        }
        inbox.removeFirst(read)
        text.removeLast(text.count - written)
        return text
    }
}
