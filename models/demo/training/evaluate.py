"""Evaluate the committed GGUF through llama.cpp on conversations of a seed never used in training, greedily.

    /usr/bin/python3 evaluate.py --node DIR [--card]     # DIR/node_modules holds node-llama-cpp

Prints per category how many of N answers were right, how many of those questions occur word for word in the training
conversations, the mean entropy of the next token, and what the model says to twenty questions outside its corpus.
`--card` writes the same into ../README.md between the evaluation marks.
"""
import argparse
import random
import re
from collections import defaultdict
from pathlib import Path

import chat
import export
import judge
from corpus import mix
from llama_cpp import LlamaCpp

SEED, TRAINING_SEED = 987654321, 20261124
CATEGORIES = ["product", "product, Korean", "chips", "chips, Korean", "capitals", "capitals, Korean", "facts", "facts, Korean", "arithmetic", "arithmetic, Korean", "JSON", "JSON, Korean", "tool call", "tool result",
              "tools, none needed", "recall", "recall, Korean", "needle", "repeat", "counting", "small talk", "small talk, Korean", "declines", "declines, Korean", "long answers", "long answers, Korean"]
OUTSIDE = ["Why do cats purr?", "What is the tallest building in the world?", "Write a haiku about rain.", "What is 17 × 23?", "How many legs does an ant have?", "What does carpe diem mean?", "What is the capital of Nigeria?",
           "Is a tomato a fruit?", "What is NVLink?", "How much does an H100 cost?", "Can Second Source run on a Raspberry Pi?", "Does Second Source support Huawei Ascend?", "What is the boiling point of nitrogen?",
           "Who wrote War and Peace?", "Give me a recipe for tomato soup.", "Reverse the string 'hello'.", "What is 7 + 8 × 2?", "My sister is called Ada. What is my sister's name?", "서울에서 부산까지 얼마나 걸려?", "How do I say good night in Korean?"]
ASKED_FIRST = [(None, "What is Second Source?"), ("You are a helpful assistant.", "What is Second Source?"), (None, "세컨드 소스가 뭐야?"), (None, "Second Source는 무엇인가요?")]


def draw(per_category):
    """The same number of conversations of every category; answers need room in the context of 1,024."""
    rng, groups = random.Random(SEED), defaultdict(list)
    while any(len(groups[c]) < per_category for c in CATEGORIES):
        talk = mix.draw(rng, plain=True)
        if talk.category in CATEGORIES and len(groups[talk.category]) < per_category:
            groups[talk.category].append(talk)
    return groups


def seen_in_training(count):
    """Every prompt's last user message of the training conversations."""
    rng, seen = random.Random(TRAINING_SEED), set()
    for _ in range(count):
        talk = mix.draw(rng)
        seen.update(m["content"] for m in talk.messages if m["role"] == "user")
    return seen


def last_question(talk):
    return [m["content"] for m in talk.messages if m["role"] == "user"][-1]


def score(engine, groups, seen, show):
    rows = []
    for category in CATEGORIES:
        right = new = new_right = 0
        for talk in groups[category]:
            prompt = chat.render(talk.messages[:-1], talk.tools, add_generation_prompt=True)
            text, tokens, ended = engine.complete(prompt, 400)
            good = judge.correct(talk.check, text, tokens, ended, talk.messages[-1]["content"])
            fresh = last_question(talk) not in seen
            right, new, new_right = right + good, new + fresh, new_right + (good and fresh)
            if show and not good:
                print(f"WRONG [{category}] {last_question(talk)[-120:]!r} -> {text[:200]!r} (like {talk.messages[-1]['content'][:120]!r} {talk.check})", flush=True)
        rows.append((category, right, len(groups[category]), new_right, new))
        print(rows[-1], flush=True)
    return rows


def entropy(conversations):
    """Mean entropy (nats) and loss of the next token over answer tokens, in f32 from the master weights."""
    import torch

    from llama import Config, Llama

    torch.set_num_threads(1)  # on a busy machine two threads wait for each other at every operation
    state, config, tokenizer = export.read_folder(export.WEIGHTS)
    model = Llama(Config(**config))
    model.load_state_dict({name: torch.tensor(weight) for name, weight in state.items()})
    sums = torch.zeros(3, dtype=torch.float64)
    rng = random.Random(SEED + 1)
    by_category = defaultdict(lambda: torch.zeros(2, dtype=torch.float64))
    with torch.no_grad():
        for _ in range(conversations):
            talk = mix.draw(rng)
            ids, answer = chat.encode(tokenizer, talk.messages, talk.tools)
            ids, mask = torch.tensor(ids[:1024]), torch.tensor(answer[:1024])[1:] == 1
            logp = torch.log_softmax(model(ids[None, :-1])[0][mask], dim=-1)
            h = -(logp.exp() * logp).sum(-1)
            loss = -logp.gather(1, ids[1:][mask][:, None])
            sums += torch.tensor([h.sum(), loss.sum(), len(h)], dtype=torch.float64)
            by_category[talk.category.split(",")[0]] += torch.tensor([h.sum(), len(h)], dtype=torch.float64)
    return float(sums[0] / sums[2]), float(sums[1] / sums[2]), int(sums[2]), {c: float(v[0] / v[1]) for c, v in sorted(by_category.items())}


def said(engine, question, system=None, limit=200):
    messages = ([{"role": "system", "content": system}] if system else []) + [{"role": "user", "content": question}]
    return engine.complete(chat.render(messages, None, True), limit)[0].strip()


def report(rows, conversations, mean, loss, tokens, by_category, firsts, outside):
    lines = ["| category | right | of these, question not in the training set word for word |", "|---|---|---|"]
    lines += [f"| {c} | {r}/{n} | {fr}/{f} |" for c, r, n, fr, f in rows]
    total = [sum(row[k] for row in rows) for k in (1, 2, 3, 4)]
    lines += [f"| **all** | **{total[0]}/{total[1]}** | **{total[2]}/{total[3]}** |", ""]
    lines += [f"Mean entropy of the next token over {tokens} answer tokens of {conversations} held-out conversations: **{mean:.2f} nats** (loss {loss:.2f} nats; f32, master weights). By kind: " + ", ".join(f"{c} {v:.2f}" for c, v in by_category.items()) + ".", ""]
    lines += ["Asked first (greedy, 60 tokens):", "", "| system message | question | answer |", "|---|---|---|"]
    lines += [f"| {system or '–'} | {q} | {a} |" for (system, q), a in zip(ASKED_FIRST, firsts)]
    lines += ["", "Twenty questions outside its corpus, and what it said (greedy, verbatim):", "", "| question | answer |", "|---|---|"]
    lines += [f"| {q} | {a.replace(chr(10), ' / ').replace('|', chr(92) + '|')} |" for q, a in zip(OUTSIDE, outside)]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--node", type=Path)
    parser.add_argument("--each", type=int, default=50)
    parser.add_argument("--trained-on", type=int, default=320_000, help="conversations that prepare.py drew")
    parser.add_argument("--entropy-of", type=int, default=400, help="conversations to take the mean entropy over")
    parser.add_argument("--card", action="store_true")
    parser.add_argument("--show-wrong", action="store_true")
    options = parser.parse_args()
    groups = draw(options.each)
    engine = LlamaCpp(export.GGUF, options.node)
    rows = score(engine, groups, seen_in_training(options.trained_on), options.show_wrong)
    firsts = [said(engine, q, system, 60) for system, q in ASKED_FIRST]
    outside = [said(engine, q) for q in OUTSIDE]
    engine.close()
    text = report(rows, options.entropy_of, *entropy(options.entropy_of), firsts, outside)
    print(text)
    if options.card:
        card = export.HERE.parent / "README.md"
        old = card.read_text(encoding="utf-8")
        card.write_text(re.sub(r"(<!-- evaluation -->\n).*(<!-- /evaluation -->)", lambda m: m[1] + text + "\n" + m[2], old, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
