internal import CSodium

/// Encrypts bytes into frames of the channel: length (16 bits, big-endian), then a Noise message.
package struct NoiseSealer: Sendable {
    /// Most plaintext of one frame, in bytes.
    package static let chunk = NoiseHandshake.messageLimit - CipherState.tagLength

    private var cipher: CipherState

    package init(_ cipher: CipherState) { self.cipher = cipher }

    /// - Returns: the frames that carry `text`, as few as possible; none for no text.
    package mutating func seal(_ text: [UInt8]) throws(NoiseError) -> [UInt8] {
        let frames = (text.count + Self.chunk - 1) / Self.chunk
        let overhead = 2 + CipherState.tagLength
        var output = [UInt8](repeating: 0, count: text.count + frames * overhead)
        var written = 0
        for index in 0..<frames {
            let start = index * Self.chunk
            let length = min(Self.chunk, text.count - start)
            let nonce = try cipher.takeNonce()
            let sealed = length + CipherState.tagLength
            output[written] = UInt8(sealed >> 8)
            output[written + 1] = UInt8(sealed & 0xff)
            unsafe output.withUnsafeMutableBufferPointer { output in
                unsafe text.withUnsafeBufferPointer { text in
                    // Both ranges lie inside the buffers: the sizes above are computed from the same constants.
                    unsafe _ = crypto_aead_chacha20poly1305_ietf_encrypt(
                        output.baseAddress.unsafelyUnwrapped + written + 2, nil,
                        text.baseAddress.unsafelyUnwrapped + start, UInt64(length), nil, 0, nil, nonce, cipher.key)
                }
            }
            written += 2 + sealed
        }
        return output
    }
}
