package import Keys
internal import Models
package import Proofs

/// One model in one arithmetic on this machine, answering many questions at a time.
package protocol Engine: Sendable {
    var model: ServedModel { get }
    /// Generates one answer. Tokens go into `queue` as they come; while it is full, this answer waits and others go on.
    /// Cancelling the task gives the answer up.
    /// - Throws: `CancellationError`, or what broke.
    func generate(_ order: GenerationOrder, into queue: TokenQueue) async throws -> GenerationProduct
    /// What a check must know of the model beside its weights.
    var rules: ModelRules { get }
    /// Whether this engine could show in a dispute what it has computed: it needs the model's file for that, not for an answer.
    var canDefend: Bool { get }
    /// Computes an answer again, every position and every token.
    /// - Parameter auditSeed: asks for the witness that the ledger wants.
    func check(_ exchange: Exchange, auditSeed: Digest?) async -> AnswerVerifier.Finding
    /// Computes one layer of an answer again, from what its provider has opened.
    func check(_ exchange: Exchange, opening: SliceOpening, draw: SliceDraw) async -> AnswerVerifier.Outcome
    /// Opens what a challenge draws of this node's own answer.
    func open(_ exchange: Exchange, _ draw: SliceDraw) async throws -> SliceOpening
}

/// The models on this machine.
package protocol Engines: Sendable {
    /// - Throws: when the model is not here or does not fit into memory.
    func engine(for choice: ModelChoice) async throws -> any Engine
}

/// What a node needs to know of a model to offer it.
package struct ServedModel: Hashable, Sendable {
    package let choice: ModelChoice
    package let name: String
    /// Prompt and answer together, in tokens.
    package let contextLength: Int
    /// Token ids are below this.
    package let vocabulary: Int
    /// Prompt and answer together, of an answer that a ledger can conduct a dispute about.
    package let disputableLength: Int

    package init(
        choice: ModelChoice, name: String, contextLength: Int, vocabulary: Int, disputableLength: Int
    ) {
        self.choice = choice
        self.name = name
        self.contextLength = contextLength
        self.vocabulary = vocabulary
        self.disputableLength = disputableLength
    }
}

package struct GenerationOrder: Hashable, Sendable {
    package let request: InferenceRequest
    /// Drawn by the provider's VRF over the request.
    package let seed: Digest

    package init(request: InferenceRequest, seed: Digest) {
        self.request = request
        self.seed = seed
    }
}

/// What a finished generation commits to.
package struct GenerationProduct: Hashable, Sendable {
    package let answer: Answer
    /// Root of the transcript over every position fed: prompt and answer without its last token.
    package let transcript: Digest

    package init(answer: Answer, transcript: Digest) {
        self.answer = answer
        self.transcript = transcript
    }
}
