"""Check that llama.cpp cuts text into the very tokens that the model was trained on, and that the GGUF's chat template
gives the same prompts in JavaScript's jinja as in Python's.

    /usr/bin/python3 check.py --node DIR     # DIR/node_modules holds node-llama-cpp

Strings: rendered conversations, and random mixes of Korean, emoji, digits, code, blanks and odd Unicode.
"""
import argparse
import random
from pathlib import Path

import chat
import export
from corpus import mix
from llama_cpp import LlamaCpp

PIECES = ["안녕하세요", "세컨드 소스", "칩", "ㅋㅋㅋ", "각", "힣", "😀", "👩‍🚀", "🇰🇷", "👍🏽", "12345", "3.14", "-7", "٣٤", "½", "²", "Ⅷ", "def f(x):\n    return x\n", "for (let i = 0; i < n; i++) {",
          "\t", "  ", "   ", "\n", "\n\n", "\r\n", " \n ", "\u00a0", "\u3000", "I'm", "don't", "WE'LL", "it'S", "'", "''", "naïve", "Ünïcödé", "日本語", "Ελλάδα", "привет", "عربي", "हिन्दी", "e\u0301", "ﬁ",
          "{\"a\": [1, 2]}", "</tag>", "<tool_call>", "</tool_call>", "<|", "|>", "###", "...", "!?", "=>", "::", "http://127.0.0.1:4000/v1", "x-second-source-vendor", "a", "B", " the", "_", "__init__", "%20", "\\n", "\u200b", "ſ", "K"]


def strings(count, rng):
    for n in range(count):
        if n % 3 == 0:
            talk = mix.draw(rng)
            yield talk.messages[0]["content"] if talk.category == "plain text" else chat.render(talk.messages, talk.tools)
        elif n % 3 == 1:
            yield "".join(rng.choice(PIECES) + rng.choice(["", "", " "]) for _ in range(rng.randint(1, 12)))
        else:
            planes = [(32, 126), (0xA1, 0x24F), (0x370, 0x5FF), (0x900, 0x97F), (0x1100, 0x11FF), (0x2000, 0x2BFF), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x1F300, 0x1FAFF)]
            yield "".join(chr(rng.randint(*rng.choice(planes))) if rng.random() < 0.8 else rng.choice(" \n") for _ in range(rng.randint(1, 30)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--node", type=Path)
    parser.add_argument("--count", type=int, default=6000)
    options = parser.parse_args()
    _, _, tokenizer = export.read_folder(export.WEIGHTS)
    engine = LlamaCpp(export.GGUF, options.node)
    differ = changed = 0
    for text in strings(options.count, random.Random(99)):
        theirs, back = engine.tokenize(text)
        if theirs != tokenizer.encode(text):
            differ += 1
            if differ <= 10:
                print("DIFFERS", repr(text), theirs, tokenizer.encode(text))
        if back != text:
            changed += 1
            if changed <= 5:
                print("NOT THE SAME AFTER DETOKENIZING", repr(text), repr(back))
    templates = other = 0
    rng = random.Random(98)
    while templates < options.count // 6:
        talk, prompt = mix.draw(rng), rng.random() < 0.5
        if talk.category != "plain text":
            messages = talk.messages[:-1] if prompt else talk.messages
            templates += 1
            other += engine.render(messages, talk.tools, prompt) != chat.render(messages, talk.tools, prompt)
    engine.close()
    print(f"{templates} prompts: {other} rendered otherwise")
    print(f"{options.count} strings: {differ} tokenized otherwise, {changed} not restored")
    raise SystemExit(1 if differ or changed or other else 0)


if __name__ == "__main__":
    main()
