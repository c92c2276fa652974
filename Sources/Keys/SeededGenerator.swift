internal import CSodium
internal import Wire

/// A ChaCha20 stream (RFC 8439 block function) as a random generator: the same seed gives the same numbers on every machine.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private let key: [UInt8]
    private var block: UInt32 = 0
    private var nonce: UInt64 = 0
    private var buffer: [UInt8] = []
    private var position = 0

    /// 4 KiB at a time: 64 blocks of ChaCha20, few enough calls, little to throw away.
    private static let chunk = 4096

    package init(seed: Digest) { key = seed.bytes }
    package init(seed: UInt64) { key = Digest(of: seed.canonicalBytes, domain: "seed").bytes }

    package mutating func next() -> UInt64 {
        if position == buffer.count { refill() }
        var value: UInt64 = 0
        for index in position..<position + 8 { value = value << 8 | UInt64(buffer[index]) }
        position += 8
        return value
    }

    /// A uniform number below `bound`, by rejection: no modulo bias.
    package mutating func next(below bound: UInt64) -> UInt64 {
        precondition(bound > 0, "a number below zero was asked for")
        let limit = UInt64.max - UInt64.max % bound
        while true {
            let value = next()
            if value < limit { return value % bound }
        }
    }

    private mutating func refill() {
        if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: Self.chunk) }
        let zeros = [UInt8](repeating: 0, count: Self.chunk)
        var writer = ByteWriter(capacity: 12)
        writer.write(UInt32(0))
        writer.write(nonce)
        unsafe crypto_stream_chacha20_ietf_xor_ic(&buffer, zeros, UInt64(Self.chunk), writer.bytes, block, key)
        position = 0
        block &+= UInt32(Self.chunk / 64)
        if block == 0 { nonce &+= 1 }
    }
}
