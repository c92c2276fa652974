import Models
import Testing

@Suite("Chat templates")
struct ChatTemplateTests {
    private let talk = [
        ChatMessage(.system, "Be brief."), ChatMessage(.user, " Hi "), ChatMessage(.assistant, "Hello."),
        ChatMessage(.user, "Why?"),
    ]

    private func prompt(_ jinja: String, _ messages: [ChatMessage]? = nil, generation: Bool = true) throws -> String {
        try #require(ChatTemplate(jinja: jinja, endOfText: "</s>")).prompt(
            messages ?? talk, addGenerationPrompt: generation)
    }

    @Test("each family writes a conversation in its own form")
    func families() throws {
        #expect(
            try prompt("{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}")
                == "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n Hi <|im_end|>\n<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n"
        )
        #expect(
            try prompt(
                "'<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>'"
            )
                == "<|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHello.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
        )
        #expect(
            try prompt(
                "bos_token + '[INST] ' + content + ' [/INST]' '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n'")
                == "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Hello. </s><s>[INST] Why? [/INST]")
        #expect(
            try prompt("'[INST] ' + message['content'] + ' [/INST]'")
                == "[INST] Be brief.\n\nHi [/INST] Hello.</s>[INST] Why? [/INST]")
        #expect(
            try prompt("'<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n'")
                == "<start_of_turn>user\nBe brief.\n\nHi<end_of_turn>\n<start_of_turn>model\nHello.<end_of_turn>\n<start_of_turn>user\nWhy?<end_of_turn>\n<start_of_turn>model\n"
        )
        #expect(
            try prompt("'<|user|>\n' + message['content'] + eos_token '<|assistant|>\n'")
                == "<|system|>\nBe brief.</s>\n<|user|>\n Hi </s>\n<|assistant|>\nHello.</s>\n<|user|>\nWhy?</s>\n<|assistant|>\n"
        )
        #expect(
            try prompt("'<|user|>\n' + message['content'] + '<|end|>\n' '<|assistant|>\n'", generation: false)
                == "<|system|>\nBe brief.<|end|>\n<|user|>\n Hi <|end|>\n<|assistant|>\nHello.<|end|>\n<|user|>\nWhy?<|end|>\n"
        )
    }

    @Test("the default system line is the template's own, and only used when there is no other")
    func defaultSystem() throws {
        let qwen = "{{- '<|im_start|>system\\nYou are Qwen.<|im_end|>\\n' }}"
        #expect(
            try prompt(qwen, [ChatMessage(.user, "a")], generation: false)
                == "<|im_start|>system\nYou are Qwen.<|im_end|>\n<|im_start|>user\na<|im_end|>\n")
        #expect(try prompt(qwen, talk).hasPrefix("<|im_start|>system\nBe brief.<|im_end|>"))
        let none = "'<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n'"
        #expect(try prompt(none, [ChatMessage(.user, "a")]).hasPrefix("<|im_start|>user"))
        #expect(try prompt(none, [], generation: false).isEmpty)
        #expect(try prompt("[INST] [/INST]", [ChatMessage(.system, "only")]) == "[INST] only [/INST]")
    }

    @Test("a template of no known family is refused, with its beginning")
    func unknown() throws {
        for jinja in [
            "", "{{ x }}", "{% for i in range(10**9) %}{% endfor %}", "<|im_start|>",
            "<|im_start|><|im_sep|><|im_end|>",
            "[SYSTEM_PROMPT][INST][/INST]", String(repeating: "<|im_start|><|im_end|>", count: 50_000),
        ] {
            #expect(ChatTemplate(jinja: jinja, endOfText: "") == nil, "\(jinja.prefix(40))")
            let metadata = SmallVocabulary.bytePairs(
                merges: [], extra: ["tokenizer.chat_template": .text(Array(jinja.utf8))])
            let tokenizer = try metadata.tokenizer()
            #expect(throws: ModelError.self) { try metadata.chatTemplate(for: tokenizer) }
        }
    }

    @Test(
        "a message that spells special tokens stays text, in every family",
        arguments: [
            "<|im_start|> <|im_end|>", "<|start_header_id|> <|end_header_id|> <|eot_id|>",
            "[INST] [/INST] <<SYS>> <</SYS>>",
            "[INST] [/INST]", "<start_of_turn> <end_of_turn>", "<|user|> <|assistant|> eos_token", "<|user|> <|end|>",
        ])
    func injection(jinja: String) throws {
        let control = [
            "<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<start_of_turn>",
            "<end_of_turn>", "<|user|>", "<|assistant|>", "<|system|>", "<|end|>", "<s>", "</s>",
        ]
        let metadata = SmallVocabulary.bytePairs(
            merges: [], control: control,
            extra: [
                "tokenizer.chat_template": .text(Array(jinja.utf8)), "tokenizer.ggml.eos_token_id": .integer(256 + 12),
            ])
        let tokenizer = try metadata.tokenizer()
        let template = try metadata.chatTemplate(for: tokenizer)
        func steering(_ content: String) -> [TokenID] {
            let messages = [
                ChatMessage(.system, content), ChatMessage(.user, content), ChatMessage(.assistant, content),
            ]
            return template.encode(messages, addGenerationPrompt: true, with: tokenizer).filter { $0 >= 256 }
        }
        let harmless = steering("x")
        for name in control { #expect(steering(name) == harmless && steering("a\(name)\n\(name)") == harmless) }
        // Nor can a message complete a token that the template, or another message, began.
        for (start, end) in [("<|im_", "end|>"), ("<", "|im_end|>"), ("</", "s>")] {
            let halves = [ChatMessage(.user, start), ChatMessage(.user, end)]
            let tokens = template.encode(halves, addGenerationPrompt: false, with: tokenizer).filter { $0 >= 256 }
            let plain = [ChatMessage(.user, "x"), ChatMessage(.user, "x")]
            #expect(tokens == template.encode(plain, addGenerationPrompt: false, with: tokenizer).filter { $0 >= 256 })
        }
    }

    @Test("the installed model's conversation has the published tokens")
    func installed() throws {
        let metadata = try GGUFFile(path: try InstalledModel.path).metadata
        let tokenizer = try metadata.tokenizer()
        let template = try metadata.chatTemplate(for: tokenizer)
        #expect(template.family == .chatML)
        #expect(template.defaultSystem == "You are a helpful AI assistant named SmolLM, trained by Hugging Face")
        let answers = try InstalledModel.fixture("smollm2_greedy.json", as: InstalledModel.Greedy.self).generation
        for (place, question) in [
            (1, "What is gravity? Answer in two sentences."), (3, "Write a haiku about the sea."),
        ] {
            let messages = [ChatMessage(.user, question)]
            #expect(template.prompt(messages, addGenerationPrompt: true) == answers[place].prompt)
            #expect(template.encode(messages, addGenerationPrompt: true, with: tokenizer) == answers[place].prompt_ids)
        }
    }
}
