package import Wire

/// What became of an answer.
package enum AnswerOutcome: UInt8, Hashable, Sendable, Canonical, CaseIterable {
    /// Nobody doubted it while there was time.
    case unaudited = 0
    case correct = 1
    case faulty = 2
    case unavailable = 3
    /// Whoever doubted it has lost a dispute about it: a client, or every member of a committee that had found it wrong.
    case upheld = 4
    /// A committee found a fault that its client had planted to see whether it would.
    case planted = 5

    package func encode(into writer: inout ByteWriter) { writer.write(rawValue) }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> AnswerOutcome {
        let tag = try reader.readUInt8()
        guard let outcome = AnswerOutcome(rawValue: tag) else { throw .unknownTag(UInt64(tag), of: "AnswerOutcome") }
        return outcome
    }
}

/// The record of an answer. What is left of a closed one keeps it from being recorded or accused again.
package enum AnswerState: Hashable, Sendable, Canonical {
    case open(OpenAnswer)
    case closed(AnswerOutcome)

    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .open(let answer):
            writer.write(UInt8(0))
            writer.write(answer)
        case .closed(let outcome):
            writer.write(UInt8(1))
            writer.write(outcome)
        }
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> AnswerState {
        switch try reader.readUInt8() {
        case 0: .open(try reader.read())
        case 1: .closed(try reader.read())
        case let tag: throw .unknownTag(UInt64(tag), of: "AnswerState")
        }
    }
}

/// An answer that can still be found wrong.
package struct OpenAnswer: Hashable, Sendable, Canonical {
    package var answer: AnswerRecord
    /// False: the ledger knows it from an accusation only.
    package var isRecorded: Bool
    /// The last height at which it can be accused; of a recorded one.
    package var end: UInt64
    /// Stake of the provider that is locked for it; nothing when it was not recorded.
    package var risk: Amount
    package var audit: AnswerAudit?
    /// After a committee has found it right, until that stands.
    package var appeal: AnswerAppeal?
    /// After a committee has found it wrong, until that stands.
    package var conviction: AnswerConviction?

    package init(
        answer: AnswerRecord, isRecorded: Bool, end: UInt64, risk: Amount, audit: AnswerAudit? = nil,
        appeal: AnswerAppeal? = nil, conviction: AnswerConviction? = nil
    ) {
        self.answer = answer
        self.isRecorded = isRecorded
        self.end = end
        self.risk = risk
        self.audit = audit
        self.appeal = appeal
        self.conviction = conviction
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(answer)
        writer.write(isRecorded)
        writer.write(end)
        writer.write(risk)
        writer.write(optional: audit)
        writer.write(optional: appeal)
        writer.write(optional: conviction)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> OpenAnswer {
        OpenAnswer(
            answer: try reader.read(), isRecorded: try reader.readBool(), end: try reader.readUInt64(),
            risk: try reader.read(), audit: try reader.readOptional(), appeal: try reader.readOptional(),
            conviction: try reader.readOptional())
    }
}
