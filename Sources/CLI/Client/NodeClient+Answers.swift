import API
import Foundation
import NIOCore

extension NodeClient {
    /// How long the end of a program may wait for the node to hear of it.
    private static let farewell: TimeAmount = .seconds(3)

    /// Asks a question and tells each part of the answer as it comes. In a task that is cancelled the question is taken back: the
    /// provider stops, and nothing is paid.
    func ask(_ question: Question, tell: (AnswerEvent) throws -> Void) async throws {
        var question = question
        let id = UUID().uuidString
        question.id = id
        do {
            try await follow("POST", "/v1/inference/answers", body: try JSONEncoder().encode(question)) { line in
                try tell(try event(line))
            }
        } catch  where Task.isCancelled {
            // In a task that is not cancelled: the node may take the end of a connection for that of a slow reader.
            _ = await Task {
                try? await send("DELETE", "/v1/inference/answers/\(id)", body: nil, within: Self.farewell)
            }
            .value
            throw CancellationError()
        }
    }

    private func event(_ line: [UInt8]) throws(Problem) -> AnswerEvent {
        do { return try JSONDecoder().decode(AnswerEvent.self, from: Data(line)) } catch {
            throw Problem(
                "foreign-answer", status: 502, "\(base) answered a line that is no part of an answer.",
                remedy: "Is that address a banyan node of this version?")
        }
    }
}
