/// How a model wants a conversation written down.
///
/// The file carries a program (Jinja) for that. It is never run: it is only recognised as one of the families below, by the marks
/// it contains, and the family's form is written here.
package struct ChatTemplate: Hashable, Sendable {
    package enum Family: Hashable, Sendable, CaseIterable {
        /// SmolLM2, Qwen2, Qwen3 and many others: `<|im_start|>role`.
        case chatML
        /// `[INST] <<SYS>>`
        case llama2
        /// `<|start_header_id|>role<|end_header_id|>`
        case llama3
        /// `[INST]` without a place for system messages: they go before the first question.
        case mistral
        /// `<start_of_turn>role`, the assistant called "model"; system messages go before the first question.
        case gemma
        /// `<|role|>`, turns end with the end-of-text token.
        case zephyr
        /// `<|role|>`, turns end with `<|end|>`.
        case phi3
    }

    /// 1 MiB; the longest templates have some ten thousand characters.
    private static let lengthLimit = 1 << 20

    package let family: Family
    /// What the model is told when no message is of the system.
    package let defaultSystem: String?
    /// The name of the token that ends a text, where turns end with it.
    package let endOfText: String

    /// - Parameters:
    ///   - jinja: the template of the file.
    ///   - endOfText: the name of the file's end token.
    /// - Returns: nil when it is of no known family.
    package init?(jinja: String, endOfText: String) {
        guard jinja.utf8.count <= Self.lengthLimit, let family = Self.family(of: jinja) else { return nil }
        self.family = family
        self.endOfText = endOfText
        defaultSystem = family == .chatML ? Self.defaultSystem(of: jinja) : nil
    }

    private static func family(of jinja: String) -> Family? {
        func has(_ marks: String...) -> Bool { marks.allSatisfy { jinja.contains($0) } }
        if has("<|im_start|>", "<|im_end|>") { return has("<|im_sep|>") ? nil : .chatML }
        if has("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>") { return .llama3 }
        if has("<start_of_turn>", "<end_of_turn>") { return .gemma }
        if has("[INST]", "[/INST]") {
            if has("<<SYS>>", "<</SYS>>") { return .llama2 }
            return has("[SYSTEM_PROMPT]") ? nil : .mistral
        }
        if has("<|user|>", "<|end|>") { return .phi3 }
        return has("<|user|>", "<|assistant|>", "eos_token") ? .zephyr : nil
    }

    /// The text between the first `<|im_start|>system` and `<|im_end|>` of the template, if it is all text.
    private static func defaultSystem(of jinja: String) -> String? {
        // In the program a line may end with a line feed or with the two characters for one.
        let text = jinja.replacing("\\n", with: "\n")
        guard let start = text.firstRange(of: "<|im_start|>system\n"),
            let end = text[start.upperBound...].firstRange(of: "<|im_end|>")
        else { return nil }
        let system = text[start.upperBound..<end.lowerBound]
        return system.isEmpty || system.contains(where: { "'\"{}+".contains($0) }) ? nil : String(system)
    }
}

extension GGUFMetadata {
    /// The chat template of the file.
    /// - Throws: ``ModelError/gguf(path:reason:)`` when there is none, or it is of no known family.
    package func chatTemplate(for tokenizer: any Tokenizer) throws(ModelError) -> ChatTemplate {
        let jinja = try text("tokenizer.chat_template")
        let end = try integer("tokenizer.ggml.eos_token_id", default: -1)
        let texts = tokenizer.vocabulary.texts
        let name = texts.indices.contains(end) ? String(decoding: texts[end], as: UTF8.self) : ""
        guard let template = ChatTemplate(jinja: jinja, endOfText: name) else {
            throw failure(
                "the chat template is of none of the known families (ChatML, Llama 2 and 3, Mistral, Gemma, Zephyr, Phi 3): "
                    + "'\(jinja.prefix(60))'; write the prompt yourself and send it as plain text")
        }
        return template
    }
}
