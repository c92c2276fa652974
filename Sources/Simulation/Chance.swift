package import Keys

/// A probability in parts of a million.
package struct Chance: Hashable, Sendable, ExpressibleByIntegerLiteral {
    package let partsPerMillion: UInt32

    package static let never: Chance = 0

    package init(integerLiteral value: UInt32) { partsPerMillion = min(value, 1_000_000) }
    package static func percent(_ value: UInt32) -> Chance { Chance(integerLiteral: value * 10_000) }

    package func happens(using dice: inout SeededGenerator) -> Bool {
        // A certain or impossible event takes no number: turning a fault off changes no other draw of its kind.
        if partsPerMillion == 0 { return false }
        return dice.next(below: 1_000_000) < UInt64(partsPerMillion)
    }
}
