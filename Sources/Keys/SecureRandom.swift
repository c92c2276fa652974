internal import CSodium

/// Unpredictable bytes from the system's generator, for keys and nonces. Never for anything that must be replayed.
package enum SecureRandom {
    package static func bytes(_ count: Int) -> [UInt8] {
        _ = Sodium.isReady
        var bytes = [UInt8](repeating: 0, count: count)
        unsafe randombytes_buf(&bytes, count)
        return bytes
    }
}
