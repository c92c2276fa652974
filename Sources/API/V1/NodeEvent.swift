/// What happens in a node, one JSON object a line (`banyan up --json`): `{"event": "block", "height": 7, …}`.
public enum NodeEvent: Hashable, Sendable {
    case ready(Ready)
    case block(BlockCommitted)
    case roundOpened(RoundOpened)
    case trained(Trained)
    case cheated(Cheated)
    case audited(Audited)
    case decided(Decided)
    case roundSettled(RoundSettled)
    case evaluated(Evaluated)
    case jobFinished(JobFinished)
    case served(Served)
    case abandoned(Abandoned)
    case deceived(Deceived)
    case checked(Checked)
    case judged(Judged)

    /// The node answers on its addresses.
    public struct Ready: Codable, Hashable, Sendable {
        public var name: String
        public var peer: String
        public var account: String
        public var addresses: [String]
        public var api: String
        public var genesis: String
        public init(name: String, peer: String, account: String, addresses: [String], api: String, genesis: String) {
            self.name = name
            self.peer = peer
            self.account = account
            self.addresses = addresses
            self.api = api
            self.genesis = genesis
        }
    }

    public struct BlockCommitted: Codable, Hashable, Sendable {
        public var height: UInt64
        public var id: String
        public var transactions: Int
        /// Milliseconds since 1970 in the header.
        public var time: UInt64
        public var supplyConserved: Bool
        public init(height: UInt64, id: String, transactions: Int, time: UInt64, supplyConserved: Bool) {
            self.height = height
            self.id = id
            self.transactions = transactions
            self.time = time
            self.supplyConserved = supplyConserved
        }
    }

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

    /// A movement of the token, in seeds (10⁻⁹ FIG), as a decimal string.
    public struct Movement: Codable, Hashable, Sendable {
        public var account: String
        public var amount: String
        public init(account: String, amount: String) {
            self.account = account
            self.amount = amount
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

extension NodeEvent: Codable {
    private enum Kind: String, Codable {
        case ready, block, roundOpened, trained, cheated, audited, decided, roundSettled, evaluated, jobFinished
        case served, abandoned, deceived, checked, judged
    }
    private enum Key: String, CodingKey { case event }

    public init(from decoder: any Decoder) throws {
        switch try decoder.container(keyedBy: Key.self).decode(Kind.self, forKey: .event) {
        case .ready: self = .ready(try Ready(from: decoder))
        case .block: self = .block(try BlockCommitted(from: decoder))
        case .roundOpened: self = .roundOpened(try RoundOpened(from: decoder))
        case .trained: self = .trained(try Trained(from: decoder))
        case .cheated: self = .cheated(try Cheated(from: decoder))
        case .audited: self = .audited(try Audited(from: decoder))
        case .decided: self = .decided(try Decided(from: decoder))
        case .roundSettled: self = .roundSettled(try RoundSettled(from: decoder))
        case .evaluated: self = .evaluated(try Evaluated(from: decoder))
        case .jobFinished: self = .jobFinished(try JobFinished(from: decoder))
        case .served: self = .served(try Served(from: decoder))
        case .abandoned: self = .abandoned(try Abandoned(from: decoder))
        case .deceived: self = .deceived(try Deceived(from: decoder))
        case .checked: self = .checked(try Checked(from: decoder))
        case .judged: self = .judged(try Judged(from: decoder))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        let (kind, payload): (Kind, any Encodable) =
            switch self {
            case .ready(let value): (.ready, value)
            case .block(let value): (.block, value)
            case .roundOpened(let value): (.roundOpened, value)
            case .trained(let value): (.trained, value)
            case .cheated(let value): (.cheated, value)
            case .audited(let value): (.audited, value)
            case .decided(let value): (.decided, value)
            case .roundSettled(let value): (.roundSettled, value)
            case .evaluated(let value): (.evaluated, value)
            case .jobFinished(let value): (.jobFinished, value)
            case .served(let value): (.served, value)
            case .abandoned(let value): (.abandoned, value)
            case .deceived(let value): (.deceived, value)
            case .checked(let value): (.checked, value)
            case .judged(let value): (.judged, value)
            }
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(kind, forKey: .event)
        try payload.encode(to: encoder)
    }
}
