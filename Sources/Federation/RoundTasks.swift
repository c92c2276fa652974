package import Keys
package import Ledger
internal import Wire

/// One attempt at one round of one job. A round that failed and is opened again has another seed.
package struct RoundID: Hashable, Sendable {
    package let job: Digest
    package let round: UInt32
    package let seed: Digest

    package init(job: Digest, round: UInt32, seed: Digest) {
        self.job = job
        self.round = round
        self.seed = seed
    }

    /// Names the attempt where a name has one size.
    package var digest: Digest {
        var writer = ByteWriter(capacity: 68)
        writer.write(job)
        writer.write(round)
        writer.write(seed)
        return Digest(of: writer.bytes, domain: "attempt")
    }
}

/// What every piece of work of a round starts from.
package struct RoundBase: Hashable, Sendable {
    package let id: RoundID
    package let specification: Digest
    package let model: Digest

    package init(id: RoundID, specification: Digest, model: Digest) {
        self.id = id
        self.specification = specification
        self.model = model
    }
}

/// Train the shard of one worker for one round.
package struct TrainingOrder: Hashable, Sendable {
    package let base: RoundBase
    /// Of the worker among the trainers of the job.
    package let place: Int
    /// The residual of the worker's last accepted update; nil stands for zeros.
    package let residual: Digest?
    /// Outputs and roots of earlier receipts of the job; honest work has no use for them.
    package let worker: AccountID

    package init(base: RoundBase, place: Int, residual: Digest?, worker: AccountID) {
        self.base = base
        self.place = place
        self.residual = residual
        self.worker = worker
    }
}

/// Check one thing about one receipt.
package struct CheckOrder: Hashable, Sendable {
    package enum Part: Hashable, Sendable {
        /// Everything but segments: the published update against the receipt, the base, the link from the last checkpoint to
        /// the output, the residual.
        case commitment
        /// Re-execution of one segment.
        case segment(UInt32)
    }

    package let base: RoundBase
    package let receipt: Receipt
    package let place: Int
    package let residual: Digest?
    package let part: Part
    /// The output or the trace is that of another receipt: the commitment check then also re-executes the first segment,
    /// which settles whose work it is.
    package let isRepeated: Bool
    /// Who may have the blobs, the most likely first.
    package let holders: [AccountID]

    package init(
        base: RoundBase, receipt: Receipt, place: Int, residual: Digest?, part: Part, isRepeated: Bool,
        holders: [AccountID]
    ) {
        self.base = base
        self.receipt = receipt
        self.place = place
        self.residual = residual
        self.part = part
        self.isRepeated = isRepeated
        self.holders = holders
    }
}

package enum CheckResult: Hashable, Sendable {
    case passed
    case failed(Fault)
    /// A blob could not be had, now.
    case missing
}

/// Join the accepted updates of a round.
package struct AggregationOrder: Hashable, Sendable {
    package struct Part: Hashable, Sendable {
        package let receipt: Receipt
        package let place: Int

        package init(receipt: Receipt, place: Int) {
            self.receipt = receipt
            self.place = place
        }
    }

    package let base: RoundBase
    package let parts: [Part]
    package let holders: [AccountID]

    package init(base: RoundBase, parts: [Part], holders: [AccountID]) {
        self.base = base
        self.parts = parts
        self.holders = holders
    }
}
