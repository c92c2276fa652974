internal import CSodium

/// Decrypts the frames of the channel from a stream of bytes.
package struct NoiseOpener: Sendable {
    private var cipher: CipherState
    /// The beginning of a frame whose end has not come: always less than one whole frame between two calls.
    private var inbox: [UInt8] = []

    package init(_ cipher: CipherState) { self.cipher = cipher }

    /// - Returns: the plaintext of all frames that are now complete.
    /// - Throws: ``NoiseError/wrongLength(_:)`` for a frame without room for a tag, ``NoiseError/notAuthentic``.
    package mutating func open(_ bytes: [UInt8]) throws(NoiseError) -> [UInt8] {
        var outcome: Result<[UInt8], NoiseError> = .success([])
        unsafe bytes.withUnsafeBytes { bytes in
            do throws(NoiseError) {
                outcome = .success(unsafe try open(bytes))
            } catch { outcome = .failure(error) }
        }
        return try outcome.get()
    }

    /// The same without a copy of what is received.
    @unsafe mutating func open(_ bytes: UnsafeRawBufferPointer) throws(NoiseError) -> [UInt8] {
        var rest = unsafe bytes[...]
        var failure: NoiseError?
        let text = unsafe [UInt8](unsafeUninitializedCapacity: inbox.count + bytes.count) { text, written in
            do throws(NoiseError) {
                unsafe try finishInbox(&rest, text, &written)
                while let length = unsafe try frameLength(rest), unsafe rest.count >= 2 + length {
                    let frame = unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(2 + length))
                    unsafe try decrypt(frame, text, &written)
                    unsafe rest = rest.dropFirst(2 + length)
                }
                unsafe inbox.append(contentsOf: rest)
            } catch { failure = error }
        }
        if let failure { throw failure }
        return text
    }

    /// Completes and decrypts the frame that began earlier, as far as the bytes go.
    @unsafe private mutating func finishInbox(
        _ rest: inout Slice<UnsafeRawBufferPointer>, _ text: UnsafeMutableBufferPointer<UInt8>, _ written: inout Int
    ) throws(NoiseError) {
        while !inbox.isEmpty {
            var missing = 2 - inbox.count
            if missing <= 0 {
                let length = Int(inbox[0]) << 8 | Int(inbox[1])
                guard length >= CipherState.tagLength else { throw .wrongLength(length) }
                missing = 2 + length - inbox.count
            }
            let part = unsafe rest.prefix(missing)
            guard unsafe !part.isEmpty else { return }
            unsafe inbox.append(contentsOf: part)
            unsafe rest = rest.dropFirst(part.count)
            guard inbox.count > 2, inbox.count == 2 + (Int(inbox[0]) << 8 | Int(inbox[1])) else { continue }
            let frame = inbox
            inbox.removeAll(keepingCapacity: true)
            var failure: NoiseError?
            unsafe frame.withUnsafeBytes { frame in
                do throws(NoiseError) { unsafe try decrypt(frame, text, &written) } catch { failure = error }
            }
            if let failure { throw failure }
        }
    }

    @unsafe private func frameLength(_ bytes: Slice<UnsafeRawBufferPointer>) throws(NoiseError) -> Int? {
        guard unsafe bytes.count >= 2 else { return nil }
        let length = unsafe Int(bytes[bytes.startIndex]) << 8 | Int(bytes[bytes.startIndex + 1])
        guard length >= CipherState.tagLength else { throw .wrongLength(length) }
        return length
    }

    /// Decrypts one whole frame to the end of `text`. The plaintexts of all frames together are shorter than the frames,
    /// and `text` has room for as many bytes as the frames have.
    @unsafe private mutating func decrypt(
        _ frame: UnsafeRawBufferPointer, _ text: UnsafeMutableBufferPointer<UInt8>, _ written: inout Int
    ) throws(NoiseError) {
        let nonce = try cipher.takeNonce()
        guard let source = unsafe frame.baseAddress?.assumingMemoryBound(to: UInt8.self),
            let target = text.baseAddress
        else { return }
        let status = unsafe crypto_aead_chacha20poly1305_ietf_decrypt(
            target + written, nil, nil, source + 2, UInt64(frame.count - 2), nil, 0, nonce, cipher.key)
        guard status == 0 else { throw .notAuthentic }
        written += frame.count - 2 - CipherState.tagLength
    }
}
