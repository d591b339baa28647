"""Draw the training conversations, learn the tokenizer from some of them, and store all as token arrays.

    /usr/bin/python3 prepare.py [--work DIR] [--conversations 320000] [--seed 20261124]

Writes DIR/merges.json, DIR/tokens.npy, DIR/answer.npy and DIR/starts.npy.
"""
import argparse
import random
from pathlib import Path

import numpy as np

import bpe
import chat
from corpus import mix

BUILD = Path(__file__).resolve().parent.parent / "build"  # not committed
CONTEXT = 1024
VOCABULARY = 2048
FOR_TOKENIZER = 40_000  # conversations


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, default=BUILD)
    parser.add_argument("--conversations", type=int, default=320_000)
    parser.add_argument("--seed", type=int, default=20261124)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    rng = random.Random(options.seed)
    talks = [mix.draw(rng) for _ in range(options.conversations)]
    tokenizer = bpe.train((chat.render(t.messages, t.tools) for t in talks[:FOR_TOKENIZER]), VOCABULARY)
    tokenizer.save(options.work / "merges.json")
    tokens, answer, starts = [], [], [0]
    for talk in talks:
        ids, mask = chat.encode(tokenizer, talk.messages, talk.tools)
        if len(ids) > CONTEXT:
            continue
        tokens.append(np.array(ids, dtype=np.uint16))
        answer.append(np.array(mask, dtype=np.uint8))
        starts.append(starts[-1] + len(ids))
    np.save(options.work / "tokens.npy", np.concatenate(tokens))
    np.save(options.work / "answer.npy", np.concatenate(answer))
    np.save(options.work / "starts.npy", np.array(starts))
    print(f"{len(tokens)} conversations, {starts[-1]} tokens, {int(sum(a.sum() for a in answer))} of them answers, {tokenizer.size} in the vocabulary")


if __name__ == "__main__":
    main()
