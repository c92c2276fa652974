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

    /// A movement of the token, in seeds (10⁻⁹ FIG), as a decimal string.
    public struct Movement: Codable, Hashable, Sendable {
        public var account: String
        public var amount: String
        public init(account: String, amount: String) {
            self.account = account
            self.amount = amount
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
