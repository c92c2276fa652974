package import Wire

/// An amount of the token in seeds; 1 FIG = 10⁹ seeds. Never negative, never rounded silently.
package struct Amount: Hashable, Comparable, Sendable, Canonical, CustomStringConvertible {
    package static let zero = Amount(seeds: 0)
    package static let seedsPerFIG: UInt64 = 1_000_000_000

    package let seeds: UInt64

    package init(seeds: UInt64) { self.seeds = seeds }

    /// - Returns: nil when the amount does not fit 64 bits.
    package init?(fig: UInt64) {
        let (seeds, overflows) = fig.multipliedReportingOverflow(by: Self.seedsPerFIG)
        guard !overflows else { return nil }
        self.init(seeds: seeds)
    }

    /// Reads "12", "12.5" or "0.000000001", with or without " FIG" behind it.
    /// - Returns: nil for anything else, and for more than nine decimals.
    package init?(_ text: String) {
        let number = text.hasSuffix(" FIG") ? text.dropLast(4) : text[...]
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = Self.digits(parts[0]), let base = Amount(fig: whole) else {
            return nil
        }
        guard parts.count == 2 else {
            self = base
            return
        }
        guard parts[1].count <= 9, let fraction = Self.digits(parts[1]) else { return nil }
        var scale: UInt64 = 1
        for _ in parts[1].count..<9 { scale *= 10 }
        guard let sum = base.adding(Amount(seeds: fraction * scale)) else { return nil }
        self = sum
    }

    private static func digits(_ text: Substring) -> UInt64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return UInt64(text)
    }

    /// "12.5 FIG".
    package var description: String {
        let fraction = seeds % Self.seedsPerFIG
        guard fraction > 0 else { return "\(seeds / Self.seedsPerFIG) FIG" }
        var decimals = String(fraction)
        decimals = String(repeating: "0", count: 9 - decimals.count) + decimals
        while decimals.hasSuffix("0") { decimals.removeLast() }
        return "\(seeds / Self.seedsPerFIG).\(decimals) FIG"
    }

    /// - Returns: nil on overflow.
    package func adding(_ other: Amount) -> Amount? {
        let (sum, overflows) = seeds.addingReportingOverflow(other.seeds)
        return overflows ? nil : Amount(seeds: sum)
    }

    /// - Returns: nil when `other` is more.
    package func subtracting(_ other: Amount) -> Amount? {
        other.seeds <= seeds ? Amount(seeds: seeds - other.seeds) : nil
    }

    /// Traps when the sum does not fit 64 bits: only where both were bounded before, as all that the ledger holds is by what was minted. A number that comes
    /// from a peer or a transaction is added with ``adding(_:)``.
    package static func + (left: Amount, right: Amount) -> Amount { Amount(seeds: left.seeds + right.seeds) }

    /// Traps when `right` is more: only where it was compared before, or is a part of `left`. A number that comes from a peer or a transaction is
    /// taken away with ``subtracting(_:)``.
    package static func - (left: Amount, right: Amount) -> Amount { Amount(seeds: left.seeds - right.seeds) }

    package static func += (left: inout Amount, right: Amount) { left = left + right }
    package static func -= (left: inout Amount, right: Amount) { left = left - right }

    /// `self × numerator ÷ denominator` with a 128-bit product, rounded down; the largest amount when it does not fit.
    package func times(_ numerator: UInt64, over denominator: UInt64) -> Amount {
        precondition(denominator > 0, "a share of zero parts")
        let product = seeds.multipliedFullWidth(by: numerator)
        guard product.high < denominator else { return Amount(seeds: .max) }
        return Amount(seeds: denominator.dividingFullWidth(product).quotient)
    }

    package static func < (left: Amount, right: Amount) -> Bool { left.seeds < right.seeds }
    package func encode(into writer: inout ByteWriter) { writer.write(seeds) }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> Amount {
        Amount(seeds: try reader.readUInt64())
    }
}
