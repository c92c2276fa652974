extension Journal {
    /// Where a record starts.
    package struct Position: Hashable, Comparable, Sendable {
        package let segment: UInt64
        /// In bytes from the start of the segment.
        package let offset: UInt64

        package init(segment: UInt64, offset: UInt64) {
            self.segment = segment
            self.offset = offset
        }

        package static func < (left: Position, right: Position) -> Bool {
            (left.segment, left.offset) < (right.segment, right.offset)
        }
    }

    /// A record as it was read.
    package struct Record: Hashable, Sendable {
        package let position: Position
        package let payload: [UInt8]
    }
}
