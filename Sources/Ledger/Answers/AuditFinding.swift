package import Keys
package import Wire

/// Where an answer is wrong. The ledger compares codes and gives them no meaning.
package struct AnswerFault: Hashable, Sendable, Canonical {
    /// The kind of fault, as the proofs number it.
    package var code: UInt16
    /// The position in the transcript, or 0.
    package var step: UInt32

    package init(code: UInt16, step: UInt32) {
        self.code = code
        self.step = step
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(code)
        writer.write(step)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> AnswerFault {
        AnswerFault(code: try reader.readUInt16(), step: try reader.readUInt32())
    }
}

/// What a member of an audit found.
package enum AuditFinding: Hashable, Sendable, Canonical {
    /// What only a recomputation gives.
    package struct Recomputation: Hashable, Sendable, Canonical {
        /// Follows from recomputing the answer, as the seed of the audit asks; nothing that the provider shows: the same for every
        /// honest member.
        package var value: Digest
        /// What the answer costs by the signed request; the measure of the slash, whatever the provider or the accuser says.
        package var price: Amount

        package init(value: Digest, price: Amount) {
            self.value = value
            self.price = price
        }

        package func encode(into writer: inout ByteWriter) {
            writer.write(value)
            writer.write(price)
        }
        package static func decode(from reader: inout ByteReader) throws(WireError) -> Recomputation {
            Recomputation(value: try reader.read(), price: try reader.read())
        }
    }

    case correct(Recomputation)
    case faulty(AnswerFault, Recomputation)
    /// Nobody showed the member the answer: it speaks against the provider.
    case unavailable
    /// The member does not have the model, or not the time: it says nothing about the answer.
    case unable

    package func encode(into writer: inout ByteWriter) {
        switch self {
        case .correct(let recomputation):
            writer.write(UInt8(0))
            writer.write(recomputation)
        case .faulty(let fault, let recomputation):
            writer.write(UInt8(1))
            writer.write(fault)
            writer.write(recomputation)
        case .unavailable: writer.write(UInt8(2))
        case .unable: writer.write(UInt8(3))
        }
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> AuditFinding {
        switch try reader.readUInt8() {
        case 0: .correct(try reader.read())
        case 1: .faulty(try reader.read(), try reader.read())
        case 2: .unavailable
        case 3: .unable
        case let tag: throw .unknownTag(UInt64(tag), of: "AuditFinding")
        }
    }
}

/// First half of a member's word: binds it to its finding before any other is seen.
package struct AuditCommitment: Hashable, Sendable, Canonical {
    package var answer: AnswerID
    /// ``AuditReveal/commitment(of:)``.
    package var digest: Digest

    package init(answer: AnswerID, digest: Digest) {
        self.answer = answer
        self.digest = digest
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(answer)
        writer.write(digest)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> AuditCommitment {
        AuditCommitment(answer: try reader.read(), digest: try reader.read())
    }
}

/// Second half: the finding, and the salt that hid it.
package struct AuditReveal: Hashable, Sendable, Canonical {
    package var answer: AnswerID
    package var finding: AuditFinding
    /// 32 random bytes of the member: without them the few likely findings could be guessed from the commitment.
    package var salt: Digest

    package init(answer: AnswerID, finding: AuditFinding, salt: Digest) {
        self.answer = answer
        self.finding = finding
        self.salt = salt
    }

    /// The member is part of it: a copied commitment cannot be opened.
    package func commitment(of member: AccountID) -> Digest {
        var writer = ByteWriter(capacity: 192)
        writer.write(member)
        writer.write(self)
        return Digest(of: writer.bytes, domain: "audit commitment")
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(answer)
        writer.write(finding)
        writer.write(salt)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> AuditReveal {
        AuditReveal(answer: try reader.read(), finding: try reader.read(), salt: try reader.read())
    }
}
