"""Write a GGUF (version 3) file of the Llama architecture, in Q8_0 or F32. Only numpy is needed."""
import struct

import numpy as np

from bpe import CONTROL, SPECIAL

MAGIC, VERSION, ALIGNMENT = b"GGUF", 3, 32
_U32, _F32, _BOOL, _STRING, _ARRAY, _I32 = 4, 6, 7, 8, 9, 5
F32, Q8_0 = 0, 8  # ggml tensor types
FILE_TYPE = {F32: 0, Q8_0: 7}
TEMPERATURE, TOP_P = 0.5, 0.95  # how to sample so small a model, where a request says nothing
_NORMAL, _CONTROL, _USER_DEFINED = 1, 3, 4  # token types; a user-defined token is parsed as one and its text is shown


def _string(text):
    raw = text.encode("utf-8")
    return struct.pack("<Q", len(raw)) + raw


def _entry(key, kind, value):
    head = _string(key) + struct.pack("<I", kind)
    if kind == _STRING:
        return head + _string(value)
    if kind == _ARRAY:
        inner, items = value
        body = b"".join(_string(item) for item in items) if inner == _STRING else np.array(items, dtype="<i4").tobytes()
        return head + struct.pack("<IQ", inner, len(items)) + body
    return head + struct.pack({_U32: "<I", _F32: "<f", _BOOL: "<?"}[kind], value)


def quantise_q8_0(matrix):
    """Blocks of 32 weights along a row: one half-precision scale and 32 signed bytes, as ggml rounds them."""
    blocks = matrix.astype(np.float32).reshape(-1, 32)
    scale = np.abs(blocks).max(axis=1) / np.float32(127)
    inverse = np.divide(np.float32(1), scale, out=np.zeros_like(scale), where=scale > 0)
    scaled = blocks * inverse[:, None]
    quants = np.trunc(scaled + np.copysign(np.float32(0.5), scaled)).astype(np.int8)  # roundf: halves away from zero
    packed = np.zeros(len(blocks), dtype=[("scale", "<f2"), ("quants", "i1", 32)])
    packed["scale"], packed["quants"] = scale, quants
    return packed.tobytes()


def _interleave(weight, heads):
    """Rotary pairs: Hugging Face splits a head in halves, ggml's Llama takes neighbours."""
    rows, columns = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def _tensors(state, config):
    yield "token_embd.weight", state["model.embed_tokens.weight"]
    for n in range(config["num_hidden_layers"]):
        of = lambda name: state[f"model.layers.{n}.{name}.weight"]
        yield f"blk.{n}.attn_norm.weight", of("input_layernorm")
        yield f"blk.{n}.attn_q.weight", _interleave(of("self_attn.q_proj"), config["num_attention_heads"])
        yield f"blk.{n}.attn_k.weight", _interleave(of("self_attn.k_proj"), config["num_key_value_heads"])
        yield f"blk.{n}.attn_v.weight", of("self_attn.v_proj")
        yield f"blk.{n}.attn_output.weight", of("self_attn.o_proj")
        yield f"blk.{n}.ffn_norm.weight", of("post_attention_layernorm")
        yield f"blk.{n}.ffn_gate.weight", of("mlp.gate_proj")
        yield f"blk.{n}.ffn_up.weight", of("mlp.up_proj")
        yield f"blk.{n}.ffn_down.weight", of("mlp.down_proj")
    yield "output_norm.weight", state["model.norm.weight"]


def _metadata(config, tokenizer, template, kind):
    kinds = [_CONTROL if t in CONTROL else _USER_DEFINED if t in SPECIAL else _NORMAL for t in tokenizer.tokens]
    ids = tokenizer.ids
    return [
        ("general.architecture", _STRING, "llama"),
        ("general.type", _STRING, "model"),
        ("general.name", _STRING, "Second Source demo"),
        ("general.basename", _STRING, "second-source-demo"),
        ("general.size_label", _STRING, "2.8M"),
        ("general.description", _STRING, "A tiny chat model trained from scratch on generated conversations, to try Second Source with"),
        # llama.cpp's names for the sampling that a model's makers recommend; the same as in generation_config.json.
        ("general.sampling.temp", _F32, TEMPERATURE),
        ("general.sampling.top_p", _F32, TOP_P),
        ("general.quantization_version", _U32, 2),
        ("general.file_type", _U32, FILE_TYPE[kind]),
        ("llama.block_count", _U32, config["num_hidden_layers"]),
        ("llama.context_length", _U32, config["max_position_embeddings"]),
        ("llama.embedding_length", _U32, config["hidden_size"]),
        ("llama.feed_forward_length", _U32, config["intermediate_size"]),
        ("llama.attention.head_count", _U32, config["num_attention_heads"]),
        ("llama.attention.head_count_kv", _U32, config["num_key_value_heads"]),
        ("llama.attention.key_length", _U32, config["head_dim"]),
        ("llama.attention.value_length", _U32, config["head_dim"]),
        ("llama.attention.layer_norm_rms_epsilon", _F32, config["rms_norm_eps"]),
        ("llama.rope.dimension_count", _U32, config["head_dim"]),
        ("llama.rope.freq_base", _F32, config["rope_theta"]),
        ("llama.vocab_size", _U32, config["vocab_size"]),
        ("tokenizer.ggml.model", _STRING, "gpt2"),
        ("tokenizer.ggml.pre", _STRING, "qwen2"),
        ("tokenizer.ggml.tokens", _ARRAY, (_STRING, tokenizer.tokens)),
        ("tokenizer.ggml.token_type", _ARRAY, (_I32, kinds)),
        ("tokenizer.ggml.merges", _ARRAY, (_STRING, [" ".join(pair) for pair in tokenizer.merges])),
        ("tokenizer.ggml.bos_token_id", _U32, ids["<|endoftext|>"]),
        ("tokenizer.ggml.eos_token_id", _U32, ids["<|im_end|>"]),
        ("tokenizer.ggml.eot_token_id", _U32, ids["<|im_end|>"]),
        ("tokenizer.ggml.padding_token_id", _U32, ids["<|endoftext|>"]),
        ("tokenizer.ggml.add_bos_token", _BOOL, False),
        ("tokenizer.ggml.add_eos_token", _BOOL, False),
        ("tokenizer.chat_template", _STRING, template),
    ]


def write(path, state, config, tokenizer, template, kind=Q8_0):
    """`state` holds numpy float32 arrays under Hugging Face's names; norms stay in F32 whatever `kind` says."""
    entries = [_entry(*entry) for entry in _metadata(config, tokenizer, template, kind)]
    infos, blobs, offset = [], [], 0
    for name, weight in _tensors(state, config):
        stored = kind if weight.ndim == 2 else F32
        blob = quantise_q8_0(weight) if stored == Q8_0 else np.ascontiguousarray(weight, dtype="<f4").tobytes()
        shape = weight.shape[::-1]  # ggml names the fastest dimension first
        infos.append(_string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, stored, offset))
        blob += b"\0" * (-len(blob) % ALIGNMENT)
        blobs.append(blob)
        offset += len(blob)
    head = MAGIC + struct.pack("<IQQ", VERSION, len(infos), len(entries)) + b"".join(entries) + b"".join(infos)
    with open(path, "wb") as file:
        file.write(head + b"\0" * (-len(head) % ALIGNMENT) + b"".join(blobs))
