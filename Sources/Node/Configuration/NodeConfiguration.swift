package import Logging
package import Models
package import Wire

/// Everything that one node can be told.
package struct NodeConfiguration: Sendable {
    /// Where keys, chain and blobs live.
    package var dataDirectory: String
    /// What people call the node; it appears in its agent version and its log.
    package var name: String
    /// Addresses to listen on, e.g. `/ip4/0.0.0.0/tcp/4001`.
    package var listen: [Multiaddress]
    /// Addresses of nodes of the network to join; empty for a network of one's own.
    package var join: [Multiaddress]
    /// Whether to find and be found on the local network (mDNS).
    package var discoversLocally: Bool
    package var apiHost: String
    package var apiPort: Int
    package var apiToken: String?
    /// A genesis file to start from; nil takes the one of the data directory, of the joined network, or a fresh one.
    package var genesisPath: String?
    /// Refuse a joined network with another genesis (64 hexadecimal digits).
    package var genesisDigest: String?
    /// Opens the key files; nil when they are not encrypted.
    package var passphrase: String?
    /// Whether to join training jobs as they are posted.
    package var trains: Bool
    /// Whether to run each round's model over the test images.
    package var evaluates: Bool
    /// Threads of the tensor kernels; the results do not depend on it.
    package var threads: Int
    /// Directory with the Fashion-MNIST files.
    package var dataset: String
    /// Most bytes of models, checkpoints and updates that are kept.
    package var blobQuota: UInt64
    /// The operator's word that the node key signed nothing above this height, for when its journal was lost.
    package var signedThrough: UInt64?
    /// A cheat to commit, for demonstrations; one of Federation's `Cheat`.
    package var cheat: String?
    /// Language models to answer questions with: names in the model store, or files.
    package var serves: [String]
    /// The numbers that it answers with.
    package var arithmetic: Arithmetic
    /// In seeds for each token of an answer; 0 = free.
    package var pricePerToken: UInt64
    /// In seeds: what the node puts at stake by itself once its account has it; nil leaves that to a person.
    package var stake: UInt64?
    /// Whether to take part in audits of others' answers.
    package var audits: Bool
    /// Directory of the model files.
    package var models: String
    /// A way of answering wrongly, for demonstrations.
    package var inferenceCheat: String?
    /// A way of breaking the protocol of answers, for tests.
    package var wireCheat: String?
    /// A way of being a bad auditor, for demonstrations; one of Inference's `AuditCheat`.
    package var auditCheat: String?
    /// Rules about answers in a fresh network of one's own, e.g. `auditShare=10000,commitWindow=30`; nil for the standard ones.
    package var answerRules: String?
    /// Whether the questions of this node are planted faults: commitments in their nonces say that they were to be answered wrongly.
    package var plantsFaults: Bool
    /// A way of playing disputes wrongly, for demonstrations.
    package var disputeCheat: DisputeCheat?
    package var logLevel: Logger.Level

    var logger: Logger {
        var logger = Logger(label: name)
        logger.logLevel = logLevel
        return logger
    }

    package static let standardDataset = "/usr/share/datasets/fashion-mnist"

    package init(dataDirectory: String, name: String, listen: [Multiaddress]) {
        self.dataDirectory = dataDirectory
        self.name = name
        self.listen = listen
        join = []
        discoversLocally = true
        apiHost = "127.0.0.1"
        apiPort = 8000
        trains = false
        evaluates = true
        threads = 1
        dataset = Self.standardDataset
        blobQuota = 4 << 30
        serves = []
        arithmetic = .int8
        pricePerToken = 0
        audits = false
        plantsFaults = false
        models = ModelStore.standardDirectory
        logLevel = .info
    }
}
