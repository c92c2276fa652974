"""A language model of random weights: it answers with nonsense, in milliseconds, and the same nonsense everywhere."""
import random
import struct

WIDTH, HEADS, LAYERS, FEED_FORWARD, CONTEXT = 256, 4, 4, 768, 1024
F32, Q8_0 = 0, 8
UINT32, FLOAT32, STRING, ARRAY, INT32 = 4, 6, 8, 9, 5
# Kinds of tokens.
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6


def vocabulary():
    """(text, kind) of each token: the controls of ChatML, all bytes, and syllables."""
    tokens = [("<unk>", UNKNOWN), ("<s>", CONTROL), ("</s>", CONTROL), ("<|im_start|>", CONTROL), ("<|im_end|>", CONTROL)]
    tokens += [(f"<0x{byte:02X}>", BYTE) for byte in range(256)]
    tokens += [(space + first + second, NORMAL) for space in ("", "\u2581") for first in "bdfgklmnprstvz" for second in ("", "a", "e", "i", "o", "u")]
    tokens += [(letter, NORMAL) for letter in "\u2581achijqwxyeou"]
    seen = set()
    return [token for token in tokens if not (token[0] in seen or seen.add(token[0]))]


def text(value):
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def pair(key, kind, value):
    return text(key) + struct.pack("<I", kind) + value


def array(key, kind, values, form):
    body = b"".join(map(text, values)) if kind == STRING else struct.pack(f"<{len(values)}{form}", *values)
    return pair(key, ARRAY, struct.pack("<IQ", kind, len(values)) + body)


def q8(dice, rows, columns):
    """Blocks of 32 weights: a half-precision scale and random bytes, of about the spread that keeps states in range."""
    scale = struct.pack("<e", 1.0 / (74 * columns ** 0.5))
    noise = dice.randbytes(rows * columns)
    return b"".join(scale + noise[at:at + 32] for at in range(0, len(noise), 32))


TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def random_model(seed=1, template=TEMPLATE):
    """The bytes of a GGUF file (version 3): Llama, 4 layers, 8-bit weights."""
    dice = random.Random(seed)
    tokens = vocabulary()
    tensors = []

    def matrix(name, rows, columns):
        tensors.append((name, (columns, rows), Q8_0, q8(dice, rows, columns)))

    def ones(name):
        tensors.append((name, (WIDTH,), F32, struct.pack(f"<{WIDTH}f", *[1.0] * WIDTH)))

    matrix("token_embd.weight", len(tokens), WIDTH)
    matrix("output.weight", len(tokens), WIDTH)
    ones("output_norm.weight")
    for layer in range(LAYERS):
        name = f"blk.{layer}."
        ones(name + "attn_norm.weight")
        ones(name + "ffn_norm.weight")
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            matrix(f"{name}{part}.weight", WIDTH, WIDTH)
        matrix(name + "ffn_gate.weight", FEED_FORWARD, WIDTH)
        matrix(name + "ffn_up.weight", FEED_FORWARD, WIDTH)
        matrix(name + "ffn_down.weight", WIDTH, FEED_FORWARD)

    def number(key, value):
        return pair(key, UINT32, struct.pack("<I", value))

    pairs = [
        pair("general.architecture", STRING, text("llama")),
        number("llama.context_length", CONTEXT), number("llama.embedding_length", WIDTH),
        number("llama.block_count", LAYERS), number("llama.feed_forward_length", FEED_FORWARD),
        number("llama.attention.head_count", HEADS),
        pair("llama.attention.layer_norm_rms_epsilon", FLOAT32, struct.pack("<f", 1e-5)),
        pair("tokenizer.ggml.model", STRING, text("llama")),
        array("tokenizer.ggml.tokens", STRING, [token for token, _ in tokens], ""),
        array("tokenizer.ggml.scores", FLOAT32, [-float(index) for index in range(len(tokens))], "f"),
        array("tokenizer.ggml.token_type", INT32, [kind for _, kind in tokens], "i"),
        number("tokenizer.ggml.bos_token_id", 1), number("tokenizer.ggml.eos_token_id", 2),
        number("tokenizer.ggml.unknown_token_id", 0),
        pair("tokenizer.chat_template", STRING, text(template)),
    ]
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(pairs)) + b"".join(pairs)
    data = b""
    for name, shape, kind, content in tensors:
        head += text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape) + struct.pack("<IQ", kind, len(data))
        data += content + b"\0" * (-len(content) % 32)
    return head + b"\0" * (-len(head) % 32) + data
