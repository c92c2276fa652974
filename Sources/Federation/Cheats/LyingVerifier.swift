package import Ledger

/// Claims that the first segment of every honest update is false.
package struct Slanderer: FalseWitness {
    package init() {}
    package var isBlind: Bool { false }

    package func distort(_ verdict: Verdict) -> Verdict {
        guard verdict.finding == .clean else { return verdict }
        return Verdict(
            job: verdict.job, round: verdict.round, worker: verdict.worker, receipt: verdict.receipt,
            finding: .fault(.segment(0)), examined: verdict.examined, segments: verdict.segments, proof: verdict.proof)
    }
}

/// Checks nothing and calls everything clean.
package struct Sleeper: FalseWitness {
    package init() {}
    package var isBlind: Bool { true }
    package func distort(_ verdict: Verdict) -> Verdict { verdict }
}
