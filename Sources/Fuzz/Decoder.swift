import Wire

/// One reader of foreign bytes, and examples of what it accepts.
struct Decoder: Sendable {
    /// `module.type`, as given to `--decoder`.
    let name: String
    /// Valid encodings to start from.
    let seeds: [[UInt8]]
    /// Reads the bytes; true when they were accepted. Must end normally whatever they are.
    let decode: @Sendable ([UInt8]) -> Bool

    init(_ name: String, seeds: [[UInt8]], _ decode: @escaping @Sendable ([UInt8]) -> Bool) {
        self.name = name
        self.seeds = seeds
        self.decode = decode
    }

    /// A reader of canonical bytes: what it accepts must be the one encoding of what it returns.
    static func canonical<Value: Canonical>(_ name: String, _ examples: [Value]) -> Decoder {
        Decoder(name, seeds: examples.map(\.canonicalBytes)) { bytes in
            guard let value = try? Value(canonicalBytes: bytes) else { return false }
            precondition(value.canonicalBytes == bytes, "accepted bytes that are not the canonical form")
            return true
        }
    }
}
