/// `GET /v1/training/jobs` and `/v1/training/jobs/{id}`: a training job on the ledger.
package struct JobReport: Codable, Hashable, Sendable {
    package var id: String
    package var owner: String
    /// `gathering`, `training`, `auditing`, `aggregating`, `finished` or `failed`.
    package var phase: String
    /// The round that runs, counted from 0.
    package var round: UInt32
    package var rounds: UInt32
    /// Digest of the current model's parameters.
    package var model: String
    package var budget: String
    package var trainers: [String]
    /// The height at which the phase ends at the latest.
    package var deadline: UInt64?

    package init(
        id: String, owner: String, phase: String, round: UInt32, rounds: UInt32, model: String, budget: String,
        trainers: [String], deadline: UInt64?
    ) {
        self.id = id
        self.owner = owner
        self.phase = phase
        self.round = round
        self.rounds = rounds
        self.model = model
        self.budget = budget
        self.trainers = trainers
        self.deadline = deadline
    }
}

/// `POST /v1/blobs`: bytes that jobs refer to by digest (specifications, initial models), hexadecimal.
package struct BlobSubmission: Codable, Hashable, Sendable {
    package var bytes: String
    package init(bytes: String) { self.bytes = bytes }
}

package struct BlobReport: Codable, Hashable, Sendable {
    package var digest: String
    package init(digest: String) { self.digest = digest }
}

/// `GET /v1/accounts/{account}/proof`: canonical bytes, hexadecimal, that `banyan proof verify` checks without a node.
package struct ProofReport: Codable, Hashable, Sendable {
    package var bundle: String
    package init(bundle: String) { self.bundle = bundle }
}
