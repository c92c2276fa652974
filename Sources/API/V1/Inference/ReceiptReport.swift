/// `GET /v1/inference/receipts` (newest first) and `/v1/inference/receipts/{id}`: an answer this node has asked for.
public struct ReceiptReport: Codable, Hashable, Sendable {
    /// Hexadecimal digest of the request.
    public var id: String
    public var provider: String
    public var client: String
    /// Hexadecimal digest of the model.
    public var model: String
    public var arithmetic: String
    public var promptTokens: Int
    public var outputTokens: Int
    public var stop: String
    /// In seeds, a decimal string.
    public var price: String
    public var verification: String
    /// `open`, `right`, or what was wrong.
    public var verdict: String
    /// In milliseconds since 1970, when the receipt came.
    public var time: UInt64
    /// Only for one receipt: canonical bytes, hexadecimal, of signed request, answer and signed receipt in this order, which
    /// `banyan receipt verify` checks without a node.
    public var bundle: String?
    /// Only for one receipt: what the ledger knows of the answer; nil when that is nothing.
    public var ledger: Standing?

    public struct Standing: Codable, Hashable, Sendable {
        /// `recorded`, `audited`, `confirmed` or `convicted` by a committee, or `disputed` while it is open; then `unaudited`, `correct`, `faulty`,
        /// `unavailable`, `upheld` when a dispute about it ended for who stood for it, or `planted` when its client had planted the fault.
        public var state: String
        /// The height until which its client can appeal against the committee that has confirmed it, or its provider against the one that has
        /// convicted it.
        public var appealUntil: UInt64?
        public var dispute: Dispute?

        public struct Dispute: Codable, Hashable, Sendable {
            /// The account that stands for the answer: its provider, or a member of the committee that has confirmed it.
            public var defender: String
            /// Who is to move: `defender` or `challenger`.
            public var turn: String
            /// Moves so far.
            public var moves: Int
            /// The last height for the next move.
            public var deadline: UInt64

            public init(defender: String, turn: String, moves: Int, deadline: UInt64) {
                self.defender = defender
                self.turn = turn
                self.moves = moves
                self.deadline = deadline
            }
        }

        public init(state: String, appealUntil: UInt64? = nil, dispute: Dispute? = nil) {
            self.state = state
            self.appealUntil = appealUntil
            self.dispute = dispute
        }
    }

    public init(
        id: String, provider: String, client: String, model: String, arithmetic: String, promptTokens: Int,
        outputTokens: Int, stop: String, price: String, verification: String, verdict: String, time: UInt64,
        bundle: String? = nil, ledger: Standing? = nil
    ) {
        self.id = id
        self.provider = provider
        self.client = client
        self.model = model
        self.arithmetic = arithmetic
        self.promptTokens = promptTokens
        self.outputTokens = outputTokens
        self.stop = stop
        self.price = price
        self.verification = verification
        self.verdict = verdict
        self.time = time
        self.bundle = bundle
        self.ledger = ledger
    }
}
