import API

/// What was said so far, and what it cost.
struct Conversation: Sendable {
    let client: NodeClient
    private let options: AskOptions
    private let system: String?
    private var messages: [Question.Message] = []
    private var turns: UInt64 = 0
    private var tokens = 0
    private var seeds: UInt64 = 0
    private var right = 0
    private var wrong = 0

    init(client: NodeClient, options: AskOptions, system: String?) {
        self.client = client
        self.options = options
        self.system = system
    }

    /// The whole conversation with what is said next.
    func question(_ text: String) -> Question {
        let first = system.map { [Question.Message(role: "system", content: $0)] } ?? []
        return options.question(first + messages + [.init(role: "user", content: text)], turn: turns)
    }

    /// Takes an answer into the conversation; a wrong one is counted and not believed.
    mutating func take(_ answer: AnswerView, to text: String) {
        turns += 1
        tokens += answer.tokens.count
        seeds += answer.finished.flatMap { UInt64($0.price) } ?? 0
        if answer.checked?.fault != nil {
            wrong += 1
            return
        }
        if answer.checked != nil { right += 1 }
        messages.append(.init(role: "user", content: text))
        messages.append(.init(role: "assistant", content: answer.text))
    }

    mutating func forget() { messages = [] }

    var summary: String {
        let cost = seeds == 0 ? "free" : "\(fig(String(seeds))) FIG"
        return "\(turns) answers, \(tokens) tokens, \(cost); \(right) checked and right, \(wrong) wrong"
    }
}
