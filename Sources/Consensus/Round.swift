internal import Wire

/// The number of a block, from 1.
package typealias Height = UInt64

/// An attempt to agree within one height, from 0. "No round" (−1 in the paper) is nil.
package typealias Round = UInt32

/// Rounds are 31 bits in the signed bytes, so that −1 can say "none" there.
package let roundLimit: Round = 0x7fff_ffff

extension ByteReader {
    mutating func readRound() throws(WireError) -> Round {
        let round = try readUInt32()
        guard round <= roundLimit else { throw .tooLong(length: UInt64(round), limit: UInt64(roundLimit)) }
        return round
    }

    /// Reads a round as 32 bits, all ones for "none".
    mutating func readOptionalRound() throws(WireError) -> Round? {
        let round = try readUInt32()
        if round == .max { return nil }
        guard round <= roundLimit else { throw .tooLong(length: UInt64(round), limit: UInt64(roundLimit)) }
        return round
    }

    mutating func readHeight() throws(WireError) -> Height {
        let height = try readUInt64()
        guard height > 0 else { throw .invalid("heights start at 1") }
        return height
    }
}
