internal import Jinja

/// How a model wants a conversation written down: the program that its file carries for that.
///
/// Special tokens count where the program spells them. In a message they are text, so that nobody can end a message and begin
/// another in somebody else's name.
package struct ChatTemplate: Sendable {
    private let template: Template
    private let beginOfText: String
    private let endOfText: String
    /// Whether what the system says is written down. Where it is not, it goes before the next question.
    private var takesSystem = true

    /// - Parameters:
    ///   - jinja: the template of the file.
    ///   - beginOfText: the name of the token that begins a text; empty when there is none.
    ///   - endOfText: the name of the token that ends one.
    /// - Throws: ``ModelError/chatTemplate(_:)`` when it is no template, or cannot write down a question.
    package init(jinja: String, beginOfText: String, endOfText: String) throws(ModelError) {
        do { template = try Template(jinja) } catch { throw .chatTemplate("\(error)") }
        self.beginOfText = beginOfText
        self.endOfText = endOfText
        let (question, word) = (ChatMessage(.user, "question"), "what the system says")
        guard try prompt([question], addGenerationPrompt: true).contains(question.content) else {
            throw .chatTemplate("what it writes lacks the question")
        }
        let told = try? prompt([ChatMessage(.system, word), question], addGenerationPrompt: true)
        takesSystem = told?.contains(word) ?? false
    }

    /// The conversation as one text. For people and for tests: a message could spell a special token in it, so models get
    /// ``encode(_:addGenerationPrompt:with:)``.
    /// - Throws: ``ModelError/chatTemplate(_:)``, e.g. when the template does not take messages in this order.
    package func prompt(_ messages: [ChatMessage], addGenerationPrompt: Bool) throws(ModelError) -> String {
        try render(messages, addGenerationPrompt).string
    }

    /// The conversation as tokens, with the token that begins a text when the model wants one.
    /// - Throws: ``ModelError/chatTemplate(_:)``, e.g. when the template does not take messages in this order.
    package func encode(
        _ messages: [ChatMessage], addGenerationPrompt: Bool, with tokenizer: any Tokenizer
    ) throws(ModelError) -> [TokenID] {
        let runs = try render(messages, addGenerationPrompt).runs.map { TextRun($0.string, parsesSpecial: !$0.isGiven) }
        let tokens = tokenizer.encode(runs, addsBegin: false)
        // Many templates write that token themselves.
        guard let begin = tokenizer.vocabulary.prefix, tokens.first != begin else { return tokens }
        return [begin] + tokens
    }

    private func render(_ messages: [ChatMessage], _ addGenerationPrompt: Bool) throws(ModelError) -> Text {
        let told = takesSystem ? messages : Self.withoutSystem(messages)
        // What transformers gives to every template, which is what they are written for.
        let names: [String: Value] = [
            "messages": .list(told.map(\.value)), "add_generation_prompt": .bool(addGenerationPrompt),
            "bos_token": .text(Text(beginOfText)), "eos_token": .text(Text(endOfText)), "tools": .null,
            "documents": .null,
        ]
        do { return try template.render(names) } catch { throw .chatTemplate("\(error)") }
    }

    /// The same with what the system says before the next question, as a question where none follows.
    private static func withoutSystem(_ messages: [ChatMessage]) -> [ChatMessage] {
        var told: [ChatMessage] = []
        var system: [String] = []
        for message in messages {
            switch message.role {
            case .system: system.append(message.content)
            case .assistant: told.append(message)
            case .user:
                told.append(ChatMessage(.user, (system + [message.content]).joined(separator: "\n\n")))
                system = []
            }
        }
        if !system.isEmpty { told.append(ChatMessage(.user, system.joined(separator: "\n\n"))) }
        return told
    }
}

extension ChatMessage {
    fileprivate var value: Value {
        .map([.init("role", .text(Text(role.rawValue))), .init("content", .text(Text(given: content)))])
    }
}

extension GGUFMetadata {
    /// The chat template of the file.
    /// - Throws: ``ModelError/gguf(path:reason:)`` when there is none, ``ModelError/chatTemplate(_:)`` when it cannot be used.
    package func chatTemplate(for tokenizer: any Tokenizer) throws(ModelError) -> ChatTemplate {
        let jinja = try text("tokenizer.chat_template")
        let texts = tokenizer.vocabulary.texts
        func name(_ key: String) throws(ModelError) -> String {
            let token = try integer("tokenizer.ggml.\(key)_token_id", default: -1)
            return texts.indices.contains(token) ? String(decoding: texts[token], as: UTF8.self) : ""
        }
        return try ChatTemplate(jinja: jinja, beginOfText: try name("bos"), endOfText: try name("eos"))
    }
}
