/// What a write that failed may have left in a journal's files, to be put right before the next one.
struct JournalDamage: Hashable, Sendable {
    /// A part of a record, or one that was taken back, behind the end.
    var hasTornEnd = false
    /// The system may have dropped what was appended since the last sync.
    var hasLostBytes = false
    /// A segment that was being begun.
    var straySegment: UInt64?

    var isNone: Bool { self == JournalDamage() }
}
