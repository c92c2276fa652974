extension ChatTemplate {
    /// The conversation as one text. For people and for tests: a message could spell a special token in it, so models get
    /// ``encode(_:addGenerationPrompt:with:)``.
    package func prompt(_ messages: [ChatMessage], addGenerationPrompt: Bool) -> String {
        runs(messages, addGenerationPrompt: addGenerationPrompt).map(\.text).joined()
    }

    /// The conversation as tokens. Special tokens come from the template only; what a message spells is text.
    package func encode(
        _ messages: [ChatMessage], addGenerationPrompt: Bool, with tokenizer: any Tokenizer
    ) -> [TokenID] {
        tokenizer.encode(runs(messages, addGenerationPrompt: addGenerationPrompt), addsBegin: true)
    }

    private func runs(_ messages: [ChatMessage], addGenerationPrompt: Bool) -> [TextRun] {
        var writer = TurnWriter()
        switch family {
        case .chatML:
            if let defaultSystem, messages.first?.role != .system {
                writer.mark("<|im_start|>system\n\(defaultSystem)<|im_end|>\n")
            }
            for message in messages {
                writer.turn("<|im_start|>\(message.role.rawValue)\n", message.content, "<|im_end|>\n")
            }
            if addGenerationPrompt { writer.mark("<|im_start|>assistant\n") }
        case .llama3:
            func header(_ role: ChatMessage.Role) -> String {
                "<|start_header_id|>\(role.rawValue)<|end_header_id|>\n\n"
            }
            for message in messages { writer.turn(header(message.role), message.content.trimmed, "<|eot_id|>") }
            if addGenerationPrompt { writer.mark(header(.assistant)) }
        case .zephyr, .phi3:
            let end = family == .phi3 ? "<|end|>\n" : endOfText + "\n"
            for message in messages { writer.turn("<|\(message.role.rawValue)|>\n", message.content, end) }
            if addGenerationPrompt { writer.mark("<|assistant|>\n") }
        case .gemma:
            for (message, system) in Self.withSystem(messages) {
                writer.mark("<start_of_turn>\(message.role == .assistant ? "model" : "user")\n")
                if let system { writer.turn("", system.trimmed, "\n\n") }
                writer.turn("", message.content.trimmed, "<end_of_turn>\n")
            }
            if addGenerationPrompt { writer.mark("<start_of_turn>model\n") }
        case .llama2, .mistral: writeInstructions(messages, &writer)
        }
        return writer.runs
    }

    /// Llama 2 and Mistral: a question in `[INST]`, the answer after it; nothing announces an answer.
    private func writeInstructions(_ messages: [ChatMessage], _ writer: inout TurnWriter) {
        var isFirst = true
        for (message, system) in Self.withSystem(messages) {
            if message.role == .assistant {
                writer.turn(" ", message.content.trimmed, family == .llama2 ? " \(endOfText)" : endOfText)
                continue
            }
            // The tokeniser begins the text itself; Llama 2 begins each further question anew.
            writer.mark(family == .llama2 && !isFirst ? "<s>[INST] " : "[INST] ")
            isFirst = false
            if let system {
                if family == .llama2 {
                    writer.turn("<<SYS>>\n", system.trimmed, "\n<</SYS>>\n\n")
                } else {
                    writer.turn("", system.trimmed, "\n\n")
                }
            }
            writer.turn("", message.content.trimmed, " [/INST]")
        }
    }

    /// Questions and answers, each with the system messages that came before it.
    private static func withSystem(_ messages: [ChatMessage]) -> [(message: ChatMessage, system: String?)] {
        var turns: [(ChatMessage, String?)] = []
        var system: [String] = []
        for message in messages {
            if message.role == .system {
                system.append(message.content)
            } else {
                turns.append((message, system.isEmpty ? nil : system.joined(separator: "\n")))
                system = []
            }
        }
        // System messages without a question after them are one.
        if !system.isEmpty { turns.append((ChatMessage(.user, system.joined(separator: "\n")), nil)) }
        return turns
    }
}

/// Collects a conversation: marks of the template, in which special tokens count, and contents, in which they do not.
private struct TurnWriter {
    private(set) var runs: [TextRun] = []

    mutating func mark(_ text: String) { append(text, parsesSpecial: true) }

    mutating func turn(_ before: String, _ content: String, _ after: String) {
        append(before, parsesSpecial: true)
        append(content, parsesSpecial: false)
        append(after, parsesSpecial: true)
    }

    private mutating func append(_ text: String, parsesSpecial: Bool) {
        if !text.isEmpty { runs.append(TextRun(text, parsesSpecial: parsesSpecial)) }
    }
}

extension String {
    /// Without white space at both ends, as Jinja's `trim`.
    fileprivate var trimmed: String {
        var rest = Substring(self)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
