import API

/// What is known of the second half so far: who answered what, who computed it again, what the ledger decided. A plain value.
struct InferenceState: Sendable {
    struct Player: Sendable {
        var name: String
        var account: String
        /// How it cheats; nil for the honest and for nodes that serve nothing.
        var cheat: String?
    }

    /// One provider's answer to one request, whole or broken off.
    struct Attempt: Sendable {
        var provider: Int
        var text = ""
        var tokens = 0
        /// What the asking node found; nil when the answer never came to its end.
        var check: AnswerEvent.Checked?
        var finished: AnswerEvent.Finished?

        var request: String? { check?.receipt ?? finished?.receipt }
    }

    let players: [Player]
    private(set) var attempts: [Attempt] = []
    /// By request: who computed it again, beside the asker, and what was found.
    private(set) var audits: [String: [(auditor: Int, audit: NodeEvent.Checked)]] = [:]
    private(set) var judgements: [String: NodeEvent.Judged] = [:]
    /// By request: how its provider says that it has cheated.
    private(set) var deceptions: [String: String] = [:]
    private(set) var generationSeconds = 0.0
    private(set) var auditSeconds = 0.0

    init(players: [Player]) { self.players = players }

    func player(_ account: String) -> Int? { players.firstIndex { $0.account == account } }

    /// Takes in one event of the process of player `index`.
    mutating func take(_ event: NodeEvent, from index: Int) {
        switch event {
        case .served(let served): generationSeconds += served.seconds
        case .deceived(let deceived): deceptions[deceived.request] = deceived.kind
        case .checked(let checked):
            auditSeconds += checked.seconds
            // The asker's own check comes with the answer.
            if index != 0 { audits[checked.request, default: []].append((index, checked)) }
        case .judged(let judged):
            // Every node reports every judgement; the chain makes them the same.
            if judgements[judged.request] == nil { judgements[judged.request] = judged }
        default: break
        }
    }

    /// Takes in one part of the answer that comes.
    mutating func take(_ event: AnswerEvent) {
        switch event {
        case .chosen(let chosen):
            if let provider = player(chosen.provider) { attempts.append(Attempt(provider: provider)) }
        case .text(let text):
            change { attempt in
                attempt.text += text.text
                attempt.tokens += text.tokens.count
            }
        case .checked(let checked): change { $0.check = checked }
        case .finished(let finished): change { $0.finished = finished }
        case .retracted, .failed: break
        }
    }

    private mutating func change(_ body: (inout Attempt) -> Void) {
        if !attempts.isEmpty { body(&attempts[attempts.count - 1]) }
    }

    /// Answers that came to their end.
    var answers: [Attempt] { attempts.filter { $0.request != nil } }
    /// Answers of which the provider says itself that it has cheated.
    var cheats: [Attempt] { answers.filter { isCheat($0) } }

    func isCheat(_ attempt: Attempt) -> Bool { attempt.request.map { deceptions[$0] != nil } ?? false }

    /// Whether the asker or the ledger found the answer wrong.
    func isRejected(_ attempt: Attempt) -> Bool {
        attempt.check?.fault != nil || attempt.request.map { judgements[$0]?.outcome == "rejected" } ?? false
    }

    /// Whether the ledger still has to decide on an answer that was found wrong.
    var isOpen: Bool {
        answers.contains { $0.check?.fault != nil && judgements[$0.request ?? ""] == nil }
    }
}
