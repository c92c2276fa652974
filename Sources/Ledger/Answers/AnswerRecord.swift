package import Keys
package import Wire

/// Names an answer: a job is the digest of a request that one client made to one provider.
package struct AnswerID: Hashable, Comparable, Sendable, Canonical {
    package var provider: AccountID
    /// Digest of the request.
    package var job: Digest

    package init(provider: AccountID, job: Digest) {
        self.provider = provider
        self.job = job
    }

    package static func < (left: AnswerID, right: AnswerID) -> Bool {
        left.provider != right.provider ? left.provider < right.provider : left.job < right.job
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(provider)
        writer.write(job)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> AnswerID {
        AnswerID(provider: try reader.read(), job: try reader.read())
    }
}

extension SignedReceipt {
    package var answer: AnswerID { AnswerID(provider: receipt.worker, job: receipt.job) }
}

/// An answer as its provider puts it on the ledger: from then on it can be drawn for an audit, and accused for a limited time only.
package struct AnswerRecord: Hashable, Sendable, Canonical {
    /// Answers that one operation records at most.
    package static let batchLimit = 32

    package var signed: SignedReceipt
    package var client: AccountID
    /// What the answer cost.
    package var payment: Amount

    package init(signed: SignedReceipt, client: AccountID, payment: Amount) {
        self.signed = signed
        self.client = client
        self.payment = payment
    }

    package var id: AnswerID { signed.answer }

    package func encode(into writer: inout ByteWriter) {
        writer.write(signed)
        writer.write(client)
        writer.write(payment)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> AnswerRecord {
        AnswerRecord(signed: try reader.read(), client: try reader.read(), payment: try reader.read())
    }
}

/// The claim that an answer is wrong, with a bond that is lost when it is not. The provider need not have recorded the answer.
package struct Accusation: Hashable, Sendable, Canonical {
    package var answer: AnswerRecord
    package var bond: Amount

    package init(answer: AnswerRecord, bond: Amount) {
        self.answer = answer
        self.bond = bond
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(answer)
        writer.write(bond)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> Accusation {
        Accusation(answer: try reader.read(), bond: try reader.read())
    }
}

/// Two receipts of one provider for one job: their signer cannot mean both.
package struct Equivocation: Hashable, Sendable, Canonical {
    package var first: SignedReceipt
    package var second: SignedReceipt

    package init(first: SignedReceipt, second: SignedReceipt) {
        self.first = first
        self.second = second
    }

    package func encode(into writer: inout ByteWriter) {
        writer.write(first)
        writer.write(second)
    }
    package static func decode(from reader: inout ByteReader) throws(WireError) -> Equivocation {
        Equivocation(first: try reader.read(), second: try reader.read())
    }
}
