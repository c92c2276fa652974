import API
import Foundation
import Testing

struct InferenceRouteTests {
    @Test("an answer is a stream of lines, and what goes wrong in it is its last line")
    func lines() async throws {
        try await RunningGateway.run { gateway in
            let answer = try await gateway.send(
                "POST", "/v1/inference/answers",
                body: #"{"model":"m","messages":[{"role":"user","content":"a\nb"},{"role":"user","content":"c"}]}"#)
            #expect(answer.status == 200)
            let lines = answer.body.split(separator: UInt8(ascii: "\n"))
            let events = try lines.map { try JSONDecoder().decode(AnswerEvent.self, from: $0) }
            #expect(
                events == [
                    .text(.init(text: "a\nb", tokens: [3])), .text(.init(text: "c", tokens: [1])),
                    .failed(Problem("no-answer", status: 502, "Nobody answers.")),
                ])
        }
    }

    @Test("a question is taken back by its id, while it is answered or before it comes")
    func takingBack() async throws {
        try await RunningGateway.run { gateway in
            let end = AnswerEvent.failed(Problem("taken-back", status: 409, "The question was taken back."))
            for _ in 0..<20 {
                // Whichever comes first.
                async let asking = gateway.send(
                    "POST", "/v1/inference/answers", body: #"{"model":"endless","id":"q1"}"#)
                let answer = try await gateway.send("DELETE", "/v1/inference/answers/q1")
                #expect(answer.status == 204 && answer.body.isEmpty)
                let lines = try await asking.body.split(separator: UInt8(ascii: "\n"))
                #expect(try JSONDecoder().decode(AnswerEvent.self, from: try #require(lines.last)) == end)
            }
        }
    }

    @Test("an id is not too long")
    func longID() async throws {
        try await RunningGateway.run { gateway in
            let answer = try await gateway.send(
                "POST", "/v1/inference/answers", body: #"{"model":"m","id":"\#(String(repeating: "x", count: 129))"}"#)
            #expect(answer.status == 400)
        }
    }

    @Test("what is wrong with a question is said with a status")
    func refusals() async throws {
        try await RunningGateway.run { gateway in
            let cases: [(String, String, String?, Int)] = [
                ("POST", "answers", #"{"model":"none"}"#, 404), ("POST", "answers", "{}", 400),
                ("GET", "answers", nil, 405), ("GET", "receipts/ab", nil, 404), ("GET", "providers", nil, 200),
            ]
            for (method, path, body, status) in cases {
                let answer = try await gateway.send(method, "/v1/inference/\(path)", body: body)
                #expect(answer.status == status, "\(method) \(path)")
            }
        }
    }
}
