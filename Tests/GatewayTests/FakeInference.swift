import API
import Gateway

/// Answers every question with the question.
struct FakeInference: InferencePort {
    func answer(
        to question: Question
    ) async throws(Problem) -> @Sendable (_ tell: @escaping Telling) async throws -> Void {
        guard question.model != "none" else { throw .notFound("There is no model 'none'.") }
        return { tell in
            for message in question.messages {
                try await tell(.text(.init(text: message.content, tokens: [UInt32(message.content.utf8.count)])))
            }
            try await tell(.failed(Problem("no-answer", status: 502, "Nobody answers.")))
        }
    }

    func quotes(for question: Question) async throws(Problem) -> [QuoteReport] { [] }
    func providers() async -> [ProviderReport] { [] }
    func receipts() async throws(Problem) -> [ReceiptReport] { [] }
    func receipt(_ id: String) async throws(Problem) -> ReceiptReport {
        throw .notFound("There is no receipt \(id) here.")
    }
}
