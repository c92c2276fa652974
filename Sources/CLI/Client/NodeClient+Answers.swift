import API
import Foundation

extension NodeClient {
    /// Asks a question and tells each part of the answer as it comes. The question is taken back when the program ends.
    func ask(_ question: Question, tell: (AnswerEvent) throws -> Void) async throws {
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
