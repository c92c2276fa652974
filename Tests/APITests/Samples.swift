import API
import Foundation
import Testing

/// One event of each kind, with its name in JSON.
let sampleEvents: [(name: String, event: NodeEvent)] = [
    (
        "ready",
        .ready(
            .init(
                name: "node 1", peer: "12D3Koo", account: "ban1a", addresses: ["/ip4/127.0.0.1/tcp/4001"],
                api: "http://127.0.0.1:8000", genesis: "00ff"))
    ),
    ("block", .block(.init(height: .max, id: "aa", transactions: 3, time: 1_800_000_000_000, supplyConserved: true))),
    ("roundOpened", .roundOpened(.init(job: "bb", round: 0, height: 7, model: "cc", deadline: 607))),
    ("trained", .trained(.init(job: "bb", round: 1, steps: 188, seconds: 0.5))),
    ("cheated", .cheated(.init(job: "bb", round: 2, kind: "signFlip"))),
    (
        "audited",
        .audited(
            .init(job: "bb", round: 2, worker: "ban1b", segments: [3, 4], fault: "bits differ", seconds: 0.25))
    ),
    (
        "decided",
        .decided(.init(job: "bb", round: 2, worker: "ban1b", outcome: "rejected", reason: "bits differ", height: 9))
    ),
    (
        "roundSettled",
        .roundSettled(
            .init(
                job: "bb", round: 2, height: 10, model: "dd",
                payments: [.init(account: "ban1a", amount: "18446744073709551615")],
                slashes: [.init(account: "ban1b", amount: "1")]))
    ),
    ("evaluated", .evaluated(.init(job: "bb", round: 2, model: "dd", correct: 8_731, total: 10_000))),
    ("jobFinished", .jobFinished(.init(job: "bb", height: 11, model: "dd", completed: false))),
    (
        "served",
        .served(.init(request: "ee", client: "ban1a", promptTokens: 31, outputTokens: 64, price: "640", seconds: 0.8))
    ),
    ("abandoned", .abandoned(.init(request: "ee", outputTokens: 12))),
    ("deceived", .deceived(.init(request: "ee", kind: "earlyStop"))),
    (
        "checked",
        .checked(
            .init(
                request: "ee", provider: "ban1b", check: .full, fault: "token 7 differs", positions: 94, seconds: 0.25))
    ),
    (
        "judged",
        .judged(
            .init(
                request: "ee", provider: "ban1b", outcome: "rejected", reason: "token 7 differs", height: 12,
                payments: [], slashes: [.init(account: "ban1b", amount: "1")]))
    ),
]

/// No default: a new kind of event does not compile before it has a sample.
func name(of event: NodeEvent) -> String {
    switch event {
    case .ready: "ready"
    case .block: "block"
    case .roundOpened: "roundOpened"
    case .trained: "trained"
    case .cheated: "cheated"
    case .audited: "audited"
    case .decided: "decided"
    case .roundSettled: "roundSettled"
    case .evaluated: "evaluated"
    case .jobFinished: "jobFinished"
    case .served: "served"
    case .abandoned: "abandoned"
    case .deceived: "deceived"
    case .checked: "checked"
    case .judged: "judged"
    }
}

/// The fields of a value's JSON object.
func fields(of value: some Encodable) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: JSONEncoder().encode(value)) as? [String: Any])
}

func expectRoundTrip<Value: Codable & Equatable>(_ value: Value, sourceLocation: SourceLocation = #_sourceLocation)
    throws
{
    let decoded = try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
    #expect(decoded == value, sourceLocation: sourceLocation)
}
