package import Wire

/// Names one timer. A timer that fires for a height, round or step which is over changes nothing.
package struct TimerID: Hashable, Sendable, Canonical {
    package enum Step: UInt8, Hashable, Sendable, CaseIterable { case propose = 1, prevote, precommit, rebroadcast }

    package let height: Height
    package let round: Round
    package let step: Step

    package init(height: Height, round: Round, step: Step) {
        self.height = height
        self.round = round
        self.step = step
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(height)
        writer.write(round)
        writer.write(step.rawValue)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> TimerID {
        let height = try reader.readHeight()
        let round = try reader.readRound()
        let tag = try reader.readUInt8()
        guard let step = Step(rawValue: tag) else { throw .unknownTag(UInt64(tag), of: "TimerID.Step") }
        return TimerID(height: height, round: round, step: step)
    }
}
