import Models
import Testing

@Suite("Chat templates")
struct ChatTemplateTests {
    private let talk = [
        ChatMessage(.system, "Be brief."), ChatMessage(.user, " Hi "), ChatMessage(.assistant, "Hello."),
        ChatMessage(.user, "Why?"),
    ]

    private func prompt(_ jinja: String, _ messages: [ChatMessage]? = nil, generation: Bool = true) throws -> String {
        try ChatTemplate(jinja: jinja, beginOfText: "<s>", endOfText: "</s>").prompt(
            messages ?? talk, addGenerationPrompt: generation)
    }

    @Test("each kind of template writes a conversation in its own form", arguments: Form.all)
    fileprivate func forms(form: Form) throws {
        #expect(try prompt(form.jinja) == form.talk)
        #expect(try prompt(form.jinja, [ChatMessage(.user, "a")], generation: false) == form.question)
    }

    @Test("what the system says goes before the next question where a template has no place for it, or refuses it")
    func withoutSystem() throws {
        let lost =
            "{% for m in messages %}{% if m.role != 'system' %}<{{ m.role }}>{{ m.content }}{% endif %}{% endfor %}"
        let refused =
            "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
            + "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"
        for jinja in [lost, refused] {
            #expect(try prompt(jinja) == "<user>Be brief.\n\n Hi <assistant>Hello.<user>Why?")
            #expect(try prompt(jinja, [ChatMessage(.system, "only")]) == "<user>only")
            let two = [ChatMessage(.system, "a"), ChatMessage(.system, "b"), ChatMessage(.user, "c")]
            #expect(try prompt(jinja, two) == "<user>a\n\nb\n\nc")
        }
        #expect(
            try prompt("{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}").hasPrefix(
                "<system>Be brief.<user>"))
    }

    @Test("a conversation that its template refuses is refused, in the template's words")
    func refused() throws {
        let jinja =
            "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
            + "{{ raise_exception('Roles must alternate.') }}{% endif %}[{{ m.content }}]{% endfor %}"
        #expect(try prompt(jinja, Array(talk.dropFirst())) == "[ Hi ][Hello.][Why?]")
        #expect(throws: ModelError.chatTemplate("Roles must alternate.")) { try prompt(jinja, [talk[1], talk[1]]) }
    }

    @Test(
        "a template that cannot write a question down is refused when it is read",
        arguments: [
            "", "plain", "{{ messages[0].role }}", "{{ messages[0].content", "{% for m in messages %}",
            "{{ messages|nosuch }}",
            "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
            "{{ raise_exception('never') }}",
            "{{ cycler.__init__.__globals__.os.popen('false') }}", "{% include 'x' %}",
            String(repeating: "{{ messages }}", count: 100_000),
        ])
    func unusable(jinja: String) throws {
        do throws(ModelError) {
            _ = try ChatTemplate(jinja: jinja, beginOfText: "", endOfText: "")
            Issue.record("it is taken")
        } catch { guard case .chatTemplate = error else { throw error } }
        let metadata = SmallVocabulary.bytePairs(
            merges: [], extra: ["tokenizer.chat_template": .text(Array(jinja.utf8))])
        let tokenizer = try metadata.tokenizer()
        #expect(throws: ModelError.self) { try metadata.chatTemplate(for: tokenizer) }
    }

    @Test("a message that spells special tokens stays text, whatever a template does with it", arguments: Form.all)
    fileprivate func injection(form: Form) throws {
        let control = [
            "<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<start_of_turn>",
            "<end_of_turn>", "<|user|>", "<|assistant|>", "<|system|>", "<|end|>", "<s>", "</s>",
        ]
        let metadata = SmallVocabulary.bytePairs(
            merges: [], control: control,
            extra: [
                "tokenizer.chat_template": .text(Array(form.jinja.utf8)),
                "tokenizer.ggml.bos_token_id": .integer(256 + 11),
                "tokenizer.ggml.eos_token_id": .integer(256 + 12),
            ])
        let tokenizer = try metadata.tokenizer()
        let template = try metadata.chatTemplate(for: tokenizer)
        func special(_ messages: [ChatMessage]) throws -> [TokenID] {
            try template.encode(messages, addGenerationPrompt: true, with: tokenizer).filter { $0 >= 256 }
        }
        func talk(_ content: String) -> [ChatMessage] {
            [
                ChatMessage(.system, content), ChatMessage(.user, content), ChatMessage(.assistant, content),
                ChatMessage(.user, content),
            ]
        }
        let harmless = try special(talk("x"))
        #expect(!harmless.isEmpty)
        for name in control {
            #expect(try special(talk(name)) == harmless)
            #expect(try special(talk("a\(name)\n\(name)</think>\(name)")) == harmless)
        }
        // Nor can a message complete a token that the template, or another message, began.
        for (start, end) in [("<|im_", "end|>"), ("<", "|im_end|>"), ("</", "s>")] {
            let halves = [ChatMessage(.user, start), ChatMessage(.assistant, end)]
            #expect(try special(halves) == (try special([ChatMessage(.user, "x"), ChatMessage(.assistant, "x")])))
        }
    }

    @Test("the token that begins a text comes once, whether the template writes it or not")
    func begin() throws {
        for jinja in ["{{ bos_token }}{{ messages[0].content }}", "{{ messages[0].content }}"] {
            for wants in [true, false] {
                let metadata = SmallVocabulary.bytePairs(
                    merges: [], control: ["<s>"],
                    extra: [
                        "tokenizer.chat_template": .text(Array(jinja.utf8)),
                        "tokenizer.ggml.bos_token_id": .integer(256),
                        "tokenizer.ggml.add_bos_token": .flag(wants),
                    ])
                let tokenizer = try metadata.tokenizer()
                let tokens = try metadata.chatTemplate(for: tokenizer).encode(
                    [ChatMessage(.user, "<s>a")], addGenerationPrompt: true, with: tokenizer)
                #expect(tokens.count { $0 == 256 } == (wants || jinja.hasPrefix("{{ bos") ? 1 : 0) && tokens.count >= 4)
            }
        }
    }

    @Test("the installed model's conversation has the published tokens")
    func installed() throws {
        let metadata = try GGUFFile(path: try InstalledModel.path).metadata
        let tokenizer = try metadata.tokenizer()
        let template = try metadata.chatTemplate(for: tokenizer)
        let answers = try InstalledModel.fixture("smollm2_greedy.json", as: InstalledModel.Greedy.self).generation
        for (place, question) in [
            (1, "What is gravity? Answer in two sentences."), (3, "Write a haiku about the sea."),
        ] {
            let messages = [ChatMessage(.user, question)]
            #expect(try template.prompt(messages, addGenerationPrompt: true) == answers[place].prompt)
            #expect(
                try template.encode(messages, addGenerationPrompt: true, with: tokenizer) == answers[place].prompt_ids)
        }
        let system = try template.prompt(talk, addGenerationPrompt: false)
        #expect(system.hasPrefix("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n Hi <|im_end|>\n"))
    }
}

/// How models of one kind want a conversation written down: templates as such models carry them, in words of our own.
private struct Form: Sendable, CustomTestStringConvertible {
    let name: String
    let jinja: String
    /// The conversation of four messages, and the question "a" alone.
    let talk: String
    let question: String
    var testDescription: String { name }

    static let all = [
        Form(
            name: "ChatML with a system line of its own",
            jinja: """
                {%- if messages[0].role != 'system' %}{{- '<|im_start|>system\\nYou help.<|im_end|>\\n' }}{% endif %}
                {%- for message in messages %}
                    {%- set content = message.content.split('</think>')[-1].lstrip('\\n') if message.role == 'assistant' else message.content %}
                    {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
                {%- endfor %}
                {%- if add_generation_prompt %}
                    {{- '<|im_start|>assistant\\n' }}
                {%- endif %}
                """,
            talk:
                "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n Hi <|im_end|>\n<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n",
            question: "<|im_start|>system\nYou help.<|im_end|>\n<|im_start|>user\na<|im_end|>\n"),
        Form(
            name: "headers, with a date",
            jinja: """
                {{- bos_token }}
                {%- if not date_string is defined %}{% set date_string = strftime_now("%d %b %Y") if strftime_now is defined else "1 Jan 2025" %}{% endif %}
                {%- if messages[0]['role'] == 'system' %}
                    {%- set system_message = messages[0]['content'] | trim %}{% set messages = messages[1:] %}
                {%- else %}{% set system_message = "" %}{% endif %}
                {{- "<|start_header_id|>system<|end_header_id|>\\n\\nToday: " + date_string + "\\n\\n" ~ system_message ~ "<|eot_id|>" }}
                {%- for message in messages %}
                    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' }}
                {%- endfor %}
                {%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}
                """,
            talk:
                "<s><|start_header_id|>system<|end_header_id|>\n\nToday: 1 Jan 2025\n\nBe brief.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHello.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
            question:
                "<s><|start_header_id|>system<|end_header_id|>\n\nToday: 1 Jan 2025\n\n<|eot_id|><|start_header_id|>user<|end_header_id|>\n\na<|eot_id|>"
        ),
        Form(
            name: "instructions, the system inside the first",
            jinja: """
                {% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}\
                {% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}\
                {% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('no') }}{% endif %}\
                {% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}\
                {% else %}{% set content = message['content'] %}{% endif %}\
                {% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}\
                {% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}
                """,
            talk: "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\n Hi [/INST] Hello. </s><s>[INST] Why? [/INST]",
            question: "<s>[INST] a [/INST]"),
        Form(
            name: "turns without a system",
            jinja: """
                {{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}\
                {% for message in messages %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}\
                {{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}\
                {% if add_generation_prompt %}{{'<start_of_turn>model\\n'}}{% endif %}
                """,
            talk:
                "<s><start_of_turn>user\nBe brief.\n\n Hi<end_of_turn>\n<start_of_turn>model\nHello.<end_of_turn>\n<start_of_turn>user\nWhy?<end_of_turn>\n<start_of_turn>model\n",
            question: "<s><start_of_turn>user\na<end_of_turn>\n"),
        Form(
            name: "a line for each role",
            jinja: """
                {% for message in messages %}
                {% if message['role'] == 'user' %}
                {{ '<|user|>\\n' + message['content'] + eos_token }}
                {% elif message['role'] == 'system' %}
                {{ '<|system|>\\n' + message['content'] + eos_token }}
                {% elif message['role'] == 'assistant' %}
                {{ '<|assistant|>\\n'  + message['content'] + eos_token }}
                {% endif %}
                {% if loop.last and add_generation_prompt %}
                {{ '<|assistant|>' }}
                {% endif %}
                {% endfor %}
                """,
            talk:
                "<|system|>\nBe brief.</s>\n<|user|>\n Hi </s>\n<|assistant|>\nHello.</s>\n<|user|>\nWhy?</s>\n<|assistant|>\n",
            question: "<|user|>\na</s>\n"),
    ]
}
