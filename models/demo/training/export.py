"""Turn a training checkpoint into the committed model, and the committed model into other engines' forms.

    /usr/bin/python3 export.py --from-checkpoint DIR # DIR of train.py -> ../weights and ../second-source-demo.gguf
    python3 export.py --to OUT                       # ../weights -> OUT: f32 safetensors and f32 GGUF, one model

The second needs numpy and regex only; OUT can be served by vLLM and transformers (the folder) and by llama.cpp (the .gguf).
"""
import argparse
import json
from pathlib import Path

import gguf_file
import master
from bpe import CONTROL, PATTERN, SPECIAL, Tokenizer

HERE = Path(__file__).resolve().parent
WEIGHTS = HERE.parent / "weights"
GGUF = HERE.parent / "second-source-demo.gguf"
TEMPLATE = (HERE / "chat_template.jinja").read_text(encoding="utf-8").rstrip("\n")


def save_json(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def tokenizer_json(tokenizer):
    """The same tokenizer in Hugging Face's form."""
    added = [{"id": tokenizer.ids[t], "content": t, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": t in CONTROL} for t in SPECIAL]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": PATTERN}, "behavior": "Isolated", "invert": False}, byte_level]},
        "post_processor": None, "decoder": byte_level,
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                  "vocab": {t: n for t, n in tokenizer.ids.items() if t not in SPECIAL}, "merges": [list(pair) for pair in tokenizer.merges]},
    }


def write_folder(folder, state, config, tokenizer, dtype):
    """A Hugging Face model folder."""
    folder.mkdir(parents=True, exist_ok=True)
    end, text = tokenizer.ids["<|im_end|>"], tokenizer.ids["<|endoftext|>"]
    master.write(folder / "model.safetensors", state, dtype)
    save_json(folder / "config.json", {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", **config, "hidden_act": "silu", "attention_bias": False, "mlp_bias": False,
        "attention_dropout": 0.0, "tie_word_embeddings": True, "torch_dtype": {"BF16": "bfloat16", "F32": "float32"}[dtype],
        "bos_token_id": text, "eos_token_id": end, "pad_token_id": text, "use_cache": True, "initializer_range": 0.02,
    })
    save_json(folder / "generation_config.json", {"bos_token_id": text, "eos_token_id": [end, text], "pad_token_id": text, "do_sample": True, "temperature": gguf_file.TEMPERATURE, "top_p": gguf_file.TOP_P})
    save_json(folder / "tokenizer.json", tokenizer_json(tokenizer))
    save_json(folder / "tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": config["max_position_embeddings"], "bos_token": None, "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>", "unk_token": None, "add_bos_token": False, "add_prefix_space": False, "clean_up_tokenization_spaces": False, "chat_template": TEMPLATE,
    })


def read_folder(folder):
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config = {key: config[key] for key in ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim", "max_position_embeddings", "rope_theta", "rms_norm_eps")}
    merges = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["merges"]
    return master.read(folder / "model.safetensors"), config, Tokenizer(merges)


def from_checkpoint(work):
    import torch

    saved = torch.load(work / "checkpoint.pt")
    state = {name: weight.numpy() for name, weight in saved["state"].items()}
    write_folder(WEIGHTS, state, saved["config"], Tokenizer.load(work / "merges.json"), "BF16")
    state, config, tokenizer = read_folder(WEIGHTS)  # rounded to bfloat16: the GGUF derives from the master
    gguf_file.write(GGUF, state, config, tokenizer, TEMPLATE)
    print(f"{sum(w.size for w in state.values())} parameters, {saved['steps']} steps, {saved['tokens']} tokens; {GGUF.name} {GGUF.stat().st_size} bytes")


def to_engines(out):
    state, config, tokenizer = read_folder(WEIGHTS)
    folder = out / "second-source-demo"
    write_folder(folder, state, config, tokenizer, "F32")
    gguf_file.write(out / "second-source-demo.f32.gguf", state, config, tokenizer, TEMPLATE, gguf_file.F32)
    gguf_file.write(out / GGUF.name, state, config, tokenizer, TEMPLATE)
    same = (out / GGUF.name).read_bytes() == GGUF.read_bytes()
    print(f"{folder}: f32 safetensors; second-source-demo.f32.gguf; {GGUF.name}: {'equal to the committed file' if same else 'DIFFERS from the committed file'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from-checkpoint", type=Path)
    parser.add_argument("--to", type=Path)
    options = parser.parse_args()
    if options.from_checkpoint:
        from_checkpoint(options.from_checkpoint)
    if options.to:
        to_engines(options.to)


if __name__ == "__main__":
    main()
