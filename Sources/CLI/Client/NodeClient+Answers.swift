import API
import Foundation
import FoundationNetworking

extension NodeClient {
    /// How long the end of a program may wait for the node to hear of it, in seconds.
    private static let farewell = 3.0

    /// Asks a question and tells each part of the answer as it comes. In a task that is cancelled the question is taken back: the
    /// provider stops, and nothing is paid.
    func ask(_ question: Question, tell: (AnswerEvent) throws -> Void) async throws {
        var question = question
        let id = UUID().uuidString
        question.id = id
        do {
            try await follow(question, tell: tell)
        } catch  where Task.isCancelled {
            await takeBack(id)
            throw CancellationError()
        }
    }

    /// A request of its own, since Foundation for Linux ends the program at some moments when one that runs is cancelled
    /// (TaskRegistry). The node ends the other one.
    private func takeBack(_ id: String) async {
        guard
            let request = try? request("DELETE", "/v1/inference/answers/\(id)", body: nil, timeout: Self.farewell)
        else { return }
        // In a task that is not cancelled.
        _ = await Task { try? await URLSession.shared.data(for: request) }.value
    }

    private func follow(_ question: Question, tell: (AnswerEvent) throws -> Void) async throws {
        // A first token may take as long as a long prompt in a queue.
        let request = try request(
            "POST", "/v1/inference/answers", body: try JSONEncoder().encode(question), timeout: 600)
        var status = 200
        do {
            for try await piece in LineStream.pieces(of: request) {
                switch piece {
                case .status(let code): status = code
                case .line(let line):
                    guard (200..<300).contains(status) else { throw problem(status, line, request) }
                    try tell(try event(line))
                }
            }
        } catch is URLError {
            try Task.checkCancellation()
            throw status == 200 ? unreachable : problem(status, Data(), request)
        }
        try Task.checkCancellation()
        guard (200..<300).contains(status) else { throw problem(status, Data(), request) }
    }

    private func event(_ line: Data) throws(Problem) -> AnswerEvent {
        do { return try JSONDecoder().decode(AnswerEvent.self, from: line) } catch {
            throw Problem(
                "foreign-answer", status: 502, "\(base) answered a line that is no part of an answer.",
                remedy: "Is that address a banyan node of this version?")
        }
    }
}
