internal import CSodium

/// Encrypts bytes into frames of the channel: length (16 bits, big-endian), then a Noise message.
package struct NoiseSealer: Sendable {
    /// Most plaintext of one frame, in bytes.
    package static let chunk = NoiseHandshake.messageLimit - CipherState.tagLength
    private static let overhead = 2 + CipherState.tagLength

    private var cipher: CipherState

    package init(_ cipher: CipherState) { self.cipher = cipher }

    /// Bytes that the frames of `count` bytes of plaintext have.
    package static func sealedCount(_ count: Int) -> Int { count + (count + chunk - 1) / chunk * overhead }

    /// - Returns: the frames that carry `text`, as few as possible; none for no text.
    package mutating func seal(_ text: [UInt8]) throws(NoiseError) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: Self.sealedCount(text.count))
        var failure: NoiseError?
        unsafe output.withUnsafeMutableBytes { output in
            do throws(NoiseError) { unsafe try seal(text, into: output) } catch { failure = error }
        }
        if let failure { throw failure }
        return output
    }

    /// Writes the frames that carry `text` to the front of `output`.
    /// - Precondition: `output` has room for ``sealedCount(_:)`` bytes.
    @unsafe mutating func seal(_ text: [UInt8], into output: UnsafeMutableRawBufferPointer) throws(NoiseError) {
        precondition(output.count >= Self.sealedCount(text.count), "no room for the frames")
        guard let target = unsafe output.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        var read = 0
        var written = 0
        while read < text.count {
            let length = min(Self.chunk, text.count - read)
            let nonce = try cipher.takeNonce()
            let sealed = length + CipherState.tagLength
            unsafe target[written] = UInt8(sealed >> 8)
            unsafe target[written + 1] = UInt8(sealed & 0xff)
            unsafe text.withUnsafeBufferPointer { text in
                // Not empty here, and `length` bytes are left behind `read`.
                guard let source = text.baseAddress else { return }
                unsafe _ = crypto_aead_chacha20poly1305_ietf_encrypt(
                    target + written + 2, nil, source + read, UInt64(length), nil, 0, nil, nonce, cipher.key)
            }
            read += length
            written += 2 + sealed
        }
    }
}
