import Keys
import Models
import Tensors
import Wire

/// Files and proofs of language models.
let modelFileDecoders: [Decoder] = [
    Decoder("models.gguf", seeds: [everyKind.bytes, pieces.bytes]) { bytes in
        guard let header = try? GGUFHeader(bytes, path: "") else { return false }
        for tensor in header.tensors {
            precondition(
                tensor.place.lowerBound >= 0 && tensor.place.upperBound <= bytes.count, "a tensor outside of the file")
        }
        return true
    },
    Decoder("models.gguf.tokenizer", seeds: [pieces.bytes, pairs.bytes]) { bytes in
        guard let metadata = try? GGUFHeader(bytes, path: "").metadata, let tokenizer = try? metadata.tokenizer() else {
            return false
        }
        let text = "<s>ab\u{2581}  1'll\nabc<|end|>é"
        for parses in [true, false] {
            let tokens = tokenizer.encode(text, parsesSpecial: parses, addsSpecial: true)
            precondition(tokens.allSatisfy { Int($0) < tokenizer.vocabularyCount }, "a token outside of the vocabulary")
            _ = tokenizer.decode(tokens)
        }
        _ = try? metadata.chatTemplate(for: tokenizer)
        _ = try? JSONVocabulary(tokenizer)
        return true
    },
    Decoder("models.chat.template", seeds: templates.map { Array($0.utf8) }) {
        let jinja = String(decoding: $0, as: UTF8.self)
        guard let template = try? ChatTemplate(jinja: jinja, beginOfText: "<s>", endOfText: "</s>") else {
            return false
        }
        let talk = [
            ChatMessage(.system, "a"), ChatMessage(.user, "b"), ChatMessage(.assistant, "c"), ChatMessage(.user, "d"),
        ]
        return (try? template.prompt(talk, addGenerationPrompt: true)) != nil
    },
    Decoder("models.json", seeds: [Array(#"{"a":[1,-2.5e3,"\u00e9é\n"],"b":{"c":null,"d":true}} "#.utf8.dropLast())]) {
        var state = JSONState(wantsObject: false)
        for byte in $0 where !state.advance(byte) { return false }
        return state.isComplete
    },
    .canonical("models.identity", [identity]),
    .canonical("models.weight", identity.tensors),
    Decoder("models.weight.proof", seeds: [proof.canonicalBytes]) {
        guard let proof = try? WeightProof(canonicalBytes: $0) else { return false }
        precondition(proof.canonicalBytes == $0, "accepted bytes that are not the canonical form")
        return proof.rows(in: identity.root) != nil || true
    },
]

private let everyKind = GGUFWriter(
    metadata: [
        ("general.architecture", .text(Array("llama".utf8))), ("i", .integer(-5)), ("r", .real(0.5)), ("d", .real(0.1)),
        ("f", .flag(true)), ("is", .integers([1, -2, .max])), ("rs", .reals([0.5, -1])), ("fs", .flags([true, false])),
        ("ts", .texts(GGUFStrings(["a", "", "ccc"]))),
    ],
    tensors: [
        .init(name: "a", type: .q8_0, shape: [32, 2], bytes: [UInt8](repeating: 7, count: 68)),
        .init(name: "b", type: .float32, shape: [3], bytes: [UInt8](repeating: 9, count: 12)),
    ])

private let pieces = GGUFWriter(
    metadata: [
        ("tokenizer.ggml.model", .text(Array("llama".utf8))),
        ("tokenizer.ggml.tokens", .texts(GGUFStrings(["<unk>", "<s>", "</s>", "<0x41>", "▁", "a", "b", "ab"]))),
        ("tokenizer.ggml.token_type", .integers([2, 3, 3, 6, 1, 1, 1, 1])),
        ("tokenizer.ggml.scores", .reals([0, 0, 0, 0, -1, -2, -3, -4])), ("tokenizer.ggml.bos_token_id", .integer(1)),
        ("tokenizer.ggml.eos_token_id", .integer(2)), ("tokenizer.ggml.unknown_token_id", .integer(0)),
        ("tokenizer.chat_template", .text(Array("{{ bos_token }}[INST] {{ messages[0].content }} [/INST]".utf8))),
    ], tensors: [])

private let pairs = GGUFWriter(
    metadata: [
        ("tokenizer.ggml.model", .text(Array("gpt2".utf8))), ("tokenizer.ggml.pre", .text(Array("llama-bpe".utf8))),
        ("tokenizer.ggml.tokens", .texts(GGUFStrings(["a", "b", "c", "ab", "abc", "Ġ", "<|end|>"]))),
        ("tokenizer.ggml.token_type", .integers([1, 1, 1, 1, 1, 1, 3])),
        ("tokenizer.ggml.merges", .texts(GGUFStrings(["a b", "ab c"]))),
    ], tensors: [])

private let templates = [
    "{% for m in messages %}<|{{ m['role'] }}|>\n{{ m.content | trim }}{{ eos_token }}\n{% endfor %}{% if add_generation_prompt %}<|a|>{% endif %}",
    "{%- set ns = namespace(s=messages[0].content) -%}{%- for m in messages[1:] -%}{% set ns.s = ns.s ~ m.content.split('b')[-1] %}{%- endfor -%}{{ ns.s|tojson }}",
    "{# c #}{% macro f(x, y='z') %}{{ x.strip().replace('a', y)|upper }}{% endmacro %}{{ f(messages[0].content, y='q') }}{{ messages|map(attribute='content')|join }}",
    "{% if messages|length % 2 == 0 and tools is none %}{{ (messages|selectattr('role', 'equalto', 'user')|list)[0].content * 2 }}{% elif x is not defined %}{{ messages }}{% endif %}",
    "{% set x | trim %} {{ messages[-1].content[::1] }} {% endset %}{% filter indent(2) %}{{ x }}\n{{ {'a': [1, 2.5, true], 'b': x}|dictsort }}{% endfilter %}",
]

/// A model of two tensors of one chunk each.
private let leaves: [WeightLeaf] = ["a", "b"].map { name in
    guard
        let leaf = WeightLeaf(
            name: name, type: .float16, shape: [4, 2], chunks: MerkleTree.root(of: [[UInt8](repeating: 1, count: 16)]))
    else { preconditionFailure("the shape is valid") }
    return leaf
}

private let identity: ModelIdentity = {
    let digest = Digest(sha256: [1])
    guard
        let identity = ModelIdentity(architecture: digest, tokenizer: digest, chatTemplate: digest, tensors: leaves)
    else { preconditionFailure("the names ascend") }
    return identity
}()

private let proof: WeightProof = {
    let tree = identity.tree
    return WeightProof(
        tensor: leaves[0], tree: tree.root, tensorPath: tree.proof(for: 1),
        chunkPath: InclusionProof(index: 0, total: 1, path: []), bytes: [UInt8](repeating: 1, count: 16))
}()
