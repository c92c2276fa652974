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
}

/// What a node needs to know of a model to offer it.
package struct ServedModel: Hashable, Sendable {
    package let choice: ModelChoice
    package let name: String
    /// Prompt and answer together, in tokens.
    package let contextLength: Int
    /// Token ids are below this.
    package let vocabulary: Int

    package init(choice: ModelChoice, name: String, contextLength: Int, vocabulary: Int) {
        self.choice = choice
        self.name = name
        self.contextLength = contextLength
        self.vocabulary = vocabulary
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
