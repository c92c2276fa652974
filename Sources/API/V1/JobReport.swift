/// `GET /v1/training/jobs` and `/v1/training/jobs/{id}`: a training job on the ledger.
public struct JobReport: Codable, Hashable, Sendable {
    public var id: String
    public var owner: String
    /// `gathering`, `training`, `auditing`, `aggregating`, `finished` or `failed`.
    public var phase: String
    /// The round that runs, counted from 0.
    public var round: UInt32
    public var rounds: UInt32
    /// Digest of the current model's parameters.
    public var model: String
    public var budget: String
    public var trainers: [String]
    /// The height at which the phase ends at the latest.
    public var deadline: UInt64?

    public init(
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
public struct BlobSubmission: Codable, Hashable, Sendable {
    public var bytes: String
    public init(bytes: String) { self.bytes = bytes }
}

public struct BlobReport: Codable, Hashable, Sendable {
    public var digest: String
    public init(digest: String) { self.digest = digest }
}

/// `GET /v1/accounts/{account}/proof`: canonical bytes, hexadecimal, that `banyan proof verify` checks without a node.
public struct ProofReport: Codable, Hashable, Sendable {
    public var bundle: String
    public init(bundle: String) { self.bundle = bundle }
}
