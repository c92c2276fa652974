/// The JSON messages of `/infraxa/inference/1.0.0`, one a stream in each direction.
///
/// Names and fields are those of that protocol; its programs refuse fields they do not know, so whatever is new stands in `proof_data`.
public enum InfraxaMessage: Sendable {
    case request(Request)
    case response(Response)
    case challenge(Challenge)
    case proof(Proof)
    case query(Query)
    case list(List)
    case heartbeat(Heartbeat)
    case failure(Failure)

    public static let protocolID = "/infraxa/inference/1.0.0"
    /// In bytes.
    public static let limit = 10 << 20

    public struct Request: Codable, Sendable {
        public struct Prompt: Codable, Sendable {
            public var messages: [Question.Message]
            public var system: String?
        }
        public struct Determinism: Codable, Sendable {
            public var temperature: Double?
            public var max_tokens: Int?
            public var top_p: Double?
            public var min_p: Double?
            public var top_k: Int?
        }
        public var job_id: String
        public var model: String
        public var prompt: Prompt
        public var determinism: Determinism?
        /// `merkle`, `fraud_proof`, `zk_snark` or `none`.
        public var verification_mode: String?
        /// Goes into every leaf; the provider makes one when there is none.
        public var nonce: String?
    }

    public struct Response: Codable, Sendable {
        /// What the older form has no field for.
        public struct Data: Codable, Sendable {
            /// The signed request, the answer and the signed receipt, hexadecimal: `banyan receipt verify` takes the bytes.
            public var receipt: String
            public var provider: String
            /// Of ``Response/signature``, hexadecimal Ed25519.
            public var public_key: String
            public var signature_algorithm: String
            public var nonce: String
            public var total_steps: Int
            /// What the root binds, and what it does not show.
            public var meaning: String

            public init(
                receipt: String, provider: String, public_key: String, signature_algorithm: String, nonce: String,
                total_steps: Int, meaning: String
            ) {
                self.receipt = receipt
                self.provider = provider
                self.public_key = public_key
                self.signature_algorithm = signature_algorithm
                self.nonce = nonce
                self.total_steps = total_steps
                self.meaning = meaning
            }
        }
        public var job_id: String
        public var output_tokens: [UInt32]
        public var output_hash: String
        public var transcript_root: String
        public var provider_model_hash: String
        public var signature: String
        public var proof_type: String
        public var proof_data: Data

        public init(
            job_id: String, output_tokens: [UInt32], output_hash: String, transcript_root: String,
            provider_model_hash: String, signature: String, proof_type: String, proof_data: Data
        ) {
            self.job_id = job_id
            self.output_tokens = output_tokens
            self.output_hash = output_hash
            self.transcript_root = transcript_root
            self.provider_model_hash = provider_model_hash
            self.signature = signature
            self.proof_type = proof_type
            self.proof_data = proof_data
        }
    }

    public struct Challenge: Codable, Sendable {
        public var job_id: String
        public var challenge_steps: [Int]
        public var vrf_proof: String?
    }

    public struct Proof: Codable, Sendable {
        public struct Step: Codable, Sendable {
            public var t: Int
            public var prestate_hash: String
            /// Logarithms of the probabilities of the whole vocabulary, half precision, little-endian, in base 64.
            public var logits_q: String
            public var next_token: UInt32
            /// From the leaf up: the other hash and its side, `left` or `right`.
            public var auth_path: [[String]]

            public init(t: Int, prestate_hash: String, logits_q: String, next_token: UInt32, auth_path: [[String]]) {
                self.t = t
                self.prestate_hash = prestate_hash
                self.logits_q = logits_q
                self.next_token = next_token
                self.auth_path = auth_path
            }
        }
        public var job_id: String
        public var proofs: [Step]

        public init(job_id: String, proofs: [Step]) {
            self.job_id = job_id
            self.proofs = proofs
        }
    }

    public struct Query: Codable, Sendable {
        public var model: String?
        public var verification_mode: String?
        public var min_reputation: Double?
    }

    public struct List: Codable, Sendable {
        public struct Provider: Codable, Sendable {
            public var peer_id: String
            public var models: [String]
            public var model_hashes: [String: String]
            public var verification_modes: [String]
            /// The level on the ledger, 0 to 3, as 0 to 1.
            public var reputation: Double
            /// In FIG.
            public var stake: Double

            public init(
                peer_id: String, models: [String], model_hashes: [String: String], verification_modes: [String],
                reputation: Double, stake: Double
            ) {
                self.peer_id = peer_id
                self.models = models
                self.model_hashes = model_hashes
                self.verification_modes = verification_modes
                self.reputation = reputation
                self.stake = stake
            }
        }
        public var providers: [Provider]

        public init(providers: [Provider]) { self.providers = providers }
    }

    public struct Heartbeat: Codable, Sendable {
        public var peer_id: String
        /// Seconds since 1970.
        public var timestamp: Double
        public var active_jobs: Int?

        public init(peer_id: String, timestamp: Double, active_jobs: Int?) {
            self.peer_id = peer_id
            self.timestamp = timestamp
            self.active_jobs = active_jobs
        }
    }

    public struct Failure: Codable, Sendable {
        /// `INTERNAL_ERROR`, `UNKNOWN_MESSAGE`, `INFERENCE_FAILED`, `JOB_NOT_FOUND` or `AUDIT_FAILED`.
        public var error_code: String
        public var error_message: String
        public var job_id: String?

        public init(_ code: String, _ message: String, job: String? = nil) {
            error_code = code
            error_message = message
            job_id = job
        }
    }
}

extension InfraxaMessage: Codable {
    private enum Key: String, CodingKey { case type }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        switch try container.decode(String.self, forKey: .type) {
        case "INFERENCE_REQUEST": self = .request(try Request(from: decoder))
        case "INFERENCE_RESPONSE": self = .response(try Response(from: decoder))
        case "AUDIT_CHALLENGE": self = .challenge(try Challenge(from: decoder))
        case "AUDIT_PROOF": self = .proof(try Proof(from: decoder))
        case "PROVIDER_QUERY": self = .query(try Query(from: decoder))
        case "PROVIDER_LIST": self = .list(try List(from: decoder))
        case "HEARTBEAT": self = .heartbeat(try Heartbeat(from: decoder))
        case "ERROR": self = .failure(try Failure(from: decoder))
        case let other:
            throw DecodingError.dataCorruptedError(
                forKey: .type, in: container,
                debugDescription: "messages of type \(other.prefix(40)) are not taken here")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        let (type, payload): (String, any Encodable) =
            switch self {
            case .request(let value): ("INFERENCE_REQUEST", value)
            case .response(let value): ("INFERENCE_RESPONSE", value)
            case .challenge(let value): ("AUDIT_CHALLENGE", value)
            case .proof(let value): ("AUDIT_PROOF", value)
            case .query(let value): ("PROVIDER_QUERY", value)
            case .list(let value): ("PROVIDER_LIST", value)
            case .heartbeat(let value): ("HEARTBEAT", value)
            case .failure(let value): ("ERROR", value)
            }
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(type, forKey: .type)
        try payload.encode(to: encoder)
    }
}
