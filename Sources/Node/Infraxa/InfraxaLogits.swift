internal import Keys

/// The logarithms of a vocabulary's probabilities in half precision, little-endian: what `/infraxa/inference/1.0.0` hashes and shows.
package struct InfraxaLogits {
    package let bytes: [UInt8]

    package init(_ values: [Float]) {
        bytes = values.flatMap { value in
            let bits = Float16(value).bitPattern
            return [UInt8(truncatingIfNeeded: bits), UInt8(bits >> 8)]
        }
    }

    package var hash: String { "\(Digest(sha256: bytes))" }
}
