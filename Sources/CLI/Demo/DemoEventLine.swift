import API

/// An event with the number of the process it comes from, 1…5 for nodes and 6…8 for providers: `{"event": "block", "node": 2, …}`.
struct DemoEventLine: Encodable, Sendable {
    let node: Int
    let event: NodeEvent

    private enum Key: String, CodingKey { case node }

    func encode(to encoder: any Encoder) throws {
        try event.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(node, forKey: .node)
    }
}

/// A part of the answer that node 1 gets: `{"event": "answer", "node": 1, "part": {"event": "text", …}}`.
struct DemoAnswerLine: Encodable, Sendable {
    let event = "answer"
    let node = 1
    let part: AnswerEvent
}
