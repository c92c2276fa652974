import API
import Gateway

/// Answers every question with the question.
struct FakeInference: InferencePort {
    func answer(
        to question: Question
    ) async throws(Problem) -> @Sendable (_ tell: @escaping Telling) async throws -> Void {
        guard question.model != "none" else { throw .notFound("There is no model 'none'.") }
        if question.model == "endless" { return Self.endless }
        return { tell in
            for message in question.messages {
                try await tell(.text(.init(text: message.content, tokens: [UInt32(message.content.utf8.count)])))
            }
            try await tell(.failed(Problem("no-answer", status: 502, "Nobody answers.")))
        }
    }

    /// Says one thing, and more when it is cancelled.
    private static let endless: @Sendable (_ tell: @escaping Telling) async throws -> Void = { tell in
        try await tell(.text(.init(text: "and", tokens: [1])))
        let (never, continuation) = AsyncStream.makeStream(of: Void.self)
        for await _ in never {}
        continuation.finish()
        try Task.checkCancellation()
    }

    func quotes(for question: Question) async throws(Problem) -> [QuoteReport] { [] }
    func providers() async -> [ProviderReport] { [] }
    func receipts() async throws(Problem) -> [ReceiptReport] { [] }
    func receipt(_ id: String) async throws(Problem) -> ReceiptReport {
        throw .notFound("There is no receipt \(id) here.")
    }
}
