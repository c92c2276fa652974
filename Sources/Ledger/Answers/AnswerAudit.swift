package import Keys
package import Wire

/// The audit of one answer while it runs.
package struct AnswerAudit: Hashable, Sendable, Canonical {
    package enum Phase: UInt8, Hashable, Sendable, CaseIterable {
        /// The committee is drawn with the next block.
        case drawing
        /// Takes commitments.
        case committing
        /// Takes findings.
        case revealing
        /// The findings speak against the answer: a client that has planted the fault may say so.
        case pleading
    }

    /// Who doubts the answer; an audit by lot has no accuser.
    package struct Accuser: Hashable, Sendable, Canonical {
        package var account: AccountID
        package var bond: Amount
        /// What the answer cost by the accuser's word: counts when the provider shows nothing that says otherwise.
        package var payment: Amount

        package func encode(into writer: inout ByteWriter) {
            writer.write(account)
            writer.write(bond)
            writer.write(payment)
        }
        package static func decode(from reader: inout ByteReader) throws(WireError) -> Accuser {
            Accuser(account: try reader.read(), bond: try reader.read(), payment: try reader.read())
        }
    }

    package struct Seat: Hashable, Sendable, Canonical {
        package var account: AccountID
        /// Stake in whole FIG × reputation level when it was drawn.
        package var weight: UInt64
        package var commitment: Digest?
        package var finding: AuditFinding?

        package init(
            account: AccountID, weight: UInt64, commitment: Digest? = nil, finding: AuditFinding? = nil
        ) {
            self.account = account
            self.weight = weight
            self.commitment = commitment
            self.finding = finding
        }

        package func encode(into writer: inout ByteWriter) {
            writer.write(account)
            writer.write(weight)
            writer.write(optional: commitment)
            writer.write(optional: finding)
        }
        package static func decode(from reader: inout ByteReader) throws(WireError) -> Seat {
            Seat(
                account: try reader.read(), weight: try reader.readUInt64(), commitment: try reader.readOptional(),
                finding: try reader.readOptional())
        }
    }

    package var accuser: Accuser?
    package var phase: Phase
    package var seats: [Seat]
    /// From the beacon of the draw: says which value the members have to show. Zero while drawing.
    package var seed: Digest
    /// Last heights for a commitment and for a finding; 0 while drawing.
    package var commitEnd: UInt64
    package var revealEnd: UInt64
    /// Last height for a plea; 0 before.
    package var pleaEnd: UInt64

    /// Before the draw.
    package init(accuser: Accuser?) {
        self.accuser = accuser
        phase = .drawing
        seats = []
        seed = .zero
        commitEnd = 0
        revealEnd = 0
        pleaEnd = 0
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(optional: accuser)
        writer.write(phase.rawValue)
        writer.write(list: seats)
        writer.write(seed)
        writer.write(commitEnd)
        writer.write(revealEnd)
        writer.write(pleaEnd)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> AnswerAudit {
        var audit = AnswerAudit(accuser: try reader.readOptional())
        let tag = try reader.readUInt8()
        guard let phase = Phase(rawValue: tag) else { throw .unknownTag(UInt64(tag), of: "AnswerAudit.Phase") }
        audit.phase = phase
        audit.seats = try reader.readList(limit: JobRecord.memberLimit)
        audit.seed = try reader.read()
        audit.commitEnd = try reader.readUInt64()
        audit.revealEnd = try reader.readUInt64()
        audit.pleaEnd = try reader.readUInt64()
        return audit
    }
}
