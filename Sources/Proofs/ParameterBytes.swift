package import Keys
internal import Models
package import Wire

/// The canonical bytes of a vector of parameters: finite f32 bit patterns, little-endian, one after the other.
///
/// A model and a residual have this form. The digest of a model is the digest of these bytes in the domain of the blob store, so
/// that a model is fetched by the name the ledger knows it by.
package enum ParameterBytes {
    package static func encode(_ values: [Float]) -> [UInt8] { FloatBytes.encode(values) }

    /// Reads exactly `count` finite numbers.
    /// - Throws: ``WireError`` when the length differs or a number is infinite or not a number.
    package static func decode(_ bytes: [UInt8], count: Int) throws(WireError) -> [Float] {
        var reader = ByteReader(bytes)
        let values = try FloatBytes.read(count, from: &reader)
        try reader.finish()
        guard values.allSatisfy(\.isFinite) else { throw .invalid("a parameter is not finite") }
        return values
    }

    /// The name of a vector: the digest of its bytes in the domain of the blob store.
    package static func digest(_ values: [Float]) -> Digest { Digest(of: encode(values), domain: "blob") }

    /// The residual of a worker that has no accepted update yet: positive zeros.
    package static func zeros(_ count: Int) -> [Float] { [Float](repeating: 0, count: count) }
}
