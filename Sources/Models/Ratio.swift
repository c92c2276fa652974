package import Wire

/// A positive or zero number as two integers, so that no decimal is ever parsed into a float on one machine only.
package struct Ratio: Hashable, Sendable, Canonical, CustomStringConvertible {
    /// Integers up to 2^24 are exact as floats; the quotient is rounded once.
    package static let limit: UInt32 = 1 << 24

    package let numerator: UInt32
    package let denominator: UInt32

    /// - Returns: nil when the denominator is 0 or one of the two is above ``limit``.
    package init?(_ numerator: UInt32, _ denominator: UInt32) {
        guard numerator <= Self.limit, (1...Self.limit).contains(denominator) else { return nil }
        self.numerator = numerator
        self.denominator = denominator
    }

    /// The nearest float.
    package var value: Float { Float(numerator) / Float(denominator) }
    package var description: String { "\(numerator)/\(denominator)" }

    package func encode(into writer: inout ByteWriter) {
        writer.write(numerator)
        writer.write(denominator)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Ratio {
        let (numerator, denominator) = (try reader.readUInt32(), try reader.readUInt32())
        guard let ratio = Ratio(numerator, denominator) else { throw .invalid("ratio \(numerator)/\(denominator)") }
        return ratio
    }
}
