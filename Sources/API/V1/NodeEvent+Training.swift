extension NodeEvent {
    public struct RoundOpened: Codable, Hashable, Sendable {
        public var job: String
        public var round: UInt32
        public var height: UInt64
        public var model: String
        public var deadline: UInt64
        public init(job: String, round: UInt32, height: UInt64, model: String, deadline: UInt64) {
            self.job = job
            self.round = round
            self.height = height
            self.model = model
            self.deadline = deadline
        }
    }

    /// This node trained its shard and sent its receipt.
    public struct Trained: Codable, Hashable, Sendable {
        public var job: String
        public var round: UInt32
        public var steps: UInt32
        public var seconds: Double
        public init(job: String, round: UInt32, steps: UInt32, seconds: Double) {
            self.job = job
            self.round = round
            self.steps = steps
            self.seconds = seconds
        }
    }

    /// This node, told to cheat, sent work that it did not do.
    public struct Cheated: Codable, Hashable, Sendable {
        public var job: String
        public var round: UInt32
        /// `signFlip`, `stale`, `teleported` or `forgedOutput`.
        public var kind: String
        public init(job: String, round: UInt32, kind: String) {
            self.job = job
            self.round = round
            self.kind = kind
        }
    }

    /// This node re-executed segments of another's work.
    public struct Audited: Codable, Hashable, Sendable {
        public var job: String
        public var round: UInt32
        public var worker: String
        /// Segment `i` leads from checkpoint `i` to `i + 1`.
        public var segments: [UInt32]
        /// What was wrong, e.g. "checkpoint 3→4 re-executed, bits differ"; nil when all was right.
        public var fault: String?
        public var seconds: Double
        public init(job: String, round: UInt32, worker: String, segments: [UInt32], fault: String?, seconds: Double) {
            self.job = job
            self.round = round
            self.worker = worker
            self.segments = segments
            self.fault = fault
            self.seconds = seconds
        }
    }

    /// The ledger decided on one worker's update.
    public struct Decided: Codable, Hashable, Sendable {
        public var job: String
        public var round: UInt32
        public var worker: String
        /// `accepted`, `rejected` or `unverified`.
        public var outcome: String
        public var reason: String?
        public var height: UInt64
        public init(job: String, round: UInt32, worker: String, outcome: String, reason: String?, height: UInt64) {
            self.job = job
            self.round = round
            self.worker = worker
            self.outcome = outcome
            self.reason = reason
            self.height = height
        }
    }

    public struct RoundSettled: Codable, Hashable, Sendable {
        public var job: String
        public var round: UInt32
        public var height: UInt64
        public var model: String
        public var payments: [Movement]
        public var slashes: [Movement]
        public init(
            job: String, round: UInt32, height: UInt64, model: String, payments: [Movement], slashes: [Movement]
        ) {
            self.job = job
            self.round = round
            self.height = height
            self.model = model
            self.payments = payments
            self.slashes = slashes
        }
    }

    /// This node ran a round's model over the test images.
    public struct Evaluated: Codable, Hashable, Sendable {
        public var job: String
        public var round: UInt32
        public var model: String
        public var correct: Int
        public var total: Int
        public init(job: String, round: UInt32, model: String, correct: Int, total: Int) {
            self.job = job
            self.round = round
            self.model = model
            self.correct = correct
            self.total = total
        }
    }

    public struct JobFinished: Codable, Hashable, Sendable {
        public var job: String
        public var height: UInt64
        public var model: String
        /// False when the rounds could not be completed and the budget went back.
        public var completed: Bool
        public init(job: String, height: UInt64, model: String, completed: Bool) {
            self.job = job
            self.height = height
            self.model = model
            self.completed = completed
        }
    }
}
