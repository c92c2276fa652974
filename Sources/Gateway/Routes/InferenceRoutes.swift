import API
import Foundation
import Hummingbird

func addInferenceRoutes(to group: RouterGroup<BasicRequestContext>, inference: any InferencePort, bodyLimit: Int) {
    let underWay = QuestionsUnderWay()
    group.post("inference/answers") { request, _ in
        let question = try await request.json(Question.self, limit: bodyLimit)
        try underWay.check(question.id)
        // What is wrong with the question is said with a status; what goes wrong later is a line of the answer.
        let answer = try await inference.answer(to: question)
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                // One after the other: here again only when the answer writes nothing more.
                nonisolated(unsafe) let lines = LineWriter(writer)
                let isAnswered = try await underWay.run(question.id) {
                    try await answer { event in try unsafe await lines.write(event) }
                }
                if !isAnswered {
                    try unsafe await lines.write(
                        .failed(Problem("taken-back", status: 409, "The question was taken back.")))
                }
                try unsafe await lines.finish()
            })
    }
    group.delete("inference/answers/:id") { _, context in
        underWay.takeBack(try context.parameters.require("id"))
        return Response(status: .noContent)
    }
    group.post("inference/quotes") { request, _ in
        try json(await inference.quotes(for: try await request.json(Question.self, limit: bodyLimit)))
    }
    group.get("inference/providers") { _, _ in try json(await inference.providers()) }
    group.get("inference/receipts") { _, _ in try json(await inference.receipts()) }
    group.get("inference/receipts/:id") { _, context in
        try json(await inference.receipt(try context.parameters.require("id")))
    }
}

/// Writes one JSON object a line; waits while the reader is slow, fails when it has gone. One task uses it.
private final class LineWriter {
    private var writer: any ResponseBodyWriter

    init(_ writer: any ResponseBodyWriter) { self.writer = writer }

    func write(_ event: AnswerEvent) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var buffer = ByteBuffer(bytes: try encoder.encode(event))
        buffer.writeString("\n")
        // The writer's functions hop to another executor, and this one waits for them: nobody else touches it meanwhile.
        nonisolated(unsafe) var current = writer
        try unsafe await current.write(buffer)
        unsafe writer = current
    }

    func finish() async throws {
        nonisolated(unsafe) let current = writer
        try unsafe await current.finish(nil)
    }
}
