package import Keys
package import Wire

/// What is left of the receipts of a settled round: enough to recognise their work when it comes again.
package struct RoundHistory: Hashable, Sendable, Canonical {
    /// Outputs and checkpoint roots.
    package var digests: [Digest]

    package func encode(into writer: inout ByteWriter) { writer.write(list: digests) }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> RoundHistory {
        RoundHistory(digests: try reader.readList(limit: 2 * JobRecord.trainerLimit))
    }
}
