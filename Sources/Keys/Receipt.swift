package import Wire

/// The one record of work. A training update, an inference transcript and a batch job are all receipts.
///
/// What was done is fixed by hashes before anybody asks to see it: whoever re-executes a part of it compares with these.
package struct Receipt: Canonical, Hashable {
    /// The job, by the id of the transaction that posted it.
    package let job: Digest
    /// Round of the job, from 0.
    package let round: UInt32
    /// The account that did the work.
    package let worker: AccountID
    /// What the work started from; for training, the base model.
    package let input: Digest
    /// What was run; for training, the specification.
    package let code: Digest
    /// The randomness that was given to the work.
    package let seed: Digest
    /// RFC 6962 root over the digests of state 0 to state S.
    package let checkpoints: Digest
    /// Number of checkpoints, S + 1.
    package let count: UInt32
    /// What came out; for training, the encoded delta.
    package let output: Digest
    /// What quantisation left over and the next round starts with (error feedback).
    package let residual: Digest

    package init(
        job: Digest, round: UInt32, worker: AccountID, input: Digest, code: Digest, seed: Digest, checkpoints: Digest,
        count: UInt32, output: Digest, residual: Digest
    ) {
        self.job = job
        self.round = round
        self.worker = worker
        self.input = input
        self.code = code
        self.seed = seed
        self.checkpoints = checkpoints
        self.count = count
        self.output = output
        self.residual = residual
    }

    /// The name of the receipt.
    package var id: Digest { digest("receipt") }

    package func encode(into writer: inout ByteWriter) {
        writer.write(job)
        writer.write(round)
        writer.write(worker)
        writer.write(input)
        writer.write(code)
        writer.write(seed)
        writer.write(checkpoints)
        writer.write(count)
        writer.write(output)
        writer.write(residual)
    }

    package static func decode(from reader: inout ByteReader) throws(WireError) -> Receipt {
        Receipt(
            job: try reader.read(), round: try reader.readUInt32(), worker: try reader.read(),
            input: try reader.read(), code: try reader.read(), seed: try reader.read(),
            checkpoints: try reader.read(), count: try reader.readUInt32(), output: try reader.read(),
            residual: try reader.read())
    }
}
