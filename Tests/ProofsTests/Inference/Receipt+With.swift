import Keys

extension Receipt {
    /// The same but for what is given.
    func with(
        job: Digest? = nil, round: UInt32? = nil, worker: AccountID? = nil, input: Digest? = nil, code: Digest? = nil,
        seed: Digest? = nil, checkpoints: Digest? = nil, count: UInt32? = nil, output: Digest? = nil,
        residual: Digest? = nil
    ) -> Receipt {
        Receipt(
            job: job ?? self.job, round: round ?? self.round, worker: worker ?? self.worker, input: input ?? self.input,
            code: code ?? self.code, seed: seed ?? self.seed, checkpoints: checkpoints ?? self.checkpoints,
            count: count ?? self.count, output: output ?? self.output, residual: residual ?? self.residual)
    }
}
