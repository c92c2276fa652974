import API

/// An event with the number of the node it comes from, 1…5: `{"event": "block", "node": 2, …}`.
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
