"""Byte-level BPE as GPT-2 has it, with Qwen2's pre-tokenizer: train, save, load, encode, decode.

Qwen2's pattern is used because it cuts digits one by one (arithmetic needs that) and because both
llama.cpp (`tokenizer.ggml.pre = qwen2`) and Hugging Face's tokenizers know it exactly.
"""
import heapq
import json
from collections import Counter, defaultdict

import regex

PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
END_OF_TEXT, IM_START, IM_END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
CONTROL = [END_OF_TEXT, IM_START, IM_END]  # never shown
SHOWN = ["<tool_call>", "</tool_call>"]  # one token each, but their text is part of the answer
SPECIAL = CONTROL + SHOWN
_SPLIT = regex.compile("(" + "|".join(regex.escape(token) for token in SPECIAL) + ")")


def byte_letters():
    """GPT-2's reversible map from a byte to a printable character."""
    keep = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {byte: chr(byte) for byte in keep}
    letters.update({byte: chr(256 + n) for n, byte in enumerate(b for b in range(256) if b not in letters)})
    return letters


class Tokenizer:
    def __init__(self, merges):
        self.merges = [tuple(pair) for pair in merges]
        self.letters = byte_letters()
        self.bytes = {letter: byte for byte, letter in self.letters.items()}
        ordered = sorted(self.letters.values())
        self.tokens = ordered + ["".join(pair) for pair in self.merges] + SPECIAL
        self.ids = {token: n for n, token in enumerate(self.tokens)}
        assert len(self.ids) == len(self.tokens), "two merges make the same token"
        self.ranks = {pair: n for n, pair in enumerate(self.merges)}
        self.pattern = regex.compile(PATTERN)
        self.cache = {}

    @property
    def size(self):
        return len(self.tokens)

    def _word(self, word):
        known = self.cache.get(word)
        if known is not None:
            return known
        parts = [self.letters[byte] for byte in word.encode("utf-8")]
        while len(parts) > 1:
            rank, at = min((self.ranks.get(pair, len(self.ranks)), n) for n, pair in enumerate(zip(parts, parts[1:])))
            if rank == len(self.ranks):
                break
            parts[at:at + 2] = [parts[at] + parts[at + 1]]
        ids = [self.ids[part] for part in parts]
        if len(self.cache) < 500_000:
            self.cache[word] = ids
        return ids

    def encode(self, text):
        ids = []
        for piece in _SPLIT.split(text):
            if piece in SPECIAL:
                ids.append(self.ids[piece])
            else:
                for word in self.pattern.findall(piece):
                    ids.extend(self._word(word))
        return ids

    def decode(self, ids, show_control=False):
        out = bytearray()
        for token in (self.tokens[n] for n in ids):
            if token in SPECIAL:
                out += token.encode() if show_control or token in SHOWN else b""
            else:
                out += bytes(self.bytes[letter] for letter in token)
        return out.decode("utf-8", errors="replace")

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"merges": [list(pair) for pair in self.merges]}, file, ensure_ascii=False)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            return cls(json.load(file)["merges"])


def train(texts, size):
    """Learn merges until the vocabulary, bytes and special tokens included, has `size` entries."""
    letters = byte_letters()
    pattern = regex.compile(PATTERN)
    counts = Counter()
    for text in texts:
        for piece in _SPLIT.split(text):
            if piece not in SPECIAL:
                counts.update(pattern.findall(piece))
    words = [([letters[b] for b in word.encode("utf-8")], n) for word, n in sorted(counts.items())]
    pairs, places = Counter(), defaultdict(set)
    for index, (parts, n) in enumerate(words):
        for pair in zip(parts, parts[1:]):
            pairs[pair] += n
            places[pair].add(index)
    queue = [(-n, pair) for pair, n in pairs.items()]
    heapq.heapify(queue)
    merges, made = [], set()
    while queue and len(merges) < size - 256 - len(SPECIAL):
        count, pair = heapq.heappop(queue)
        if pairs[pair] != -count:  # stale: the pair's count changed since it was queued
            if pairs[pair] > 0:
                heapq.heappush(queue, (-pairs[pair], pair))
            continue
        if "".join(pair) in made:
            continue
        merges.append(pair)
        made.add("".join(pair))
        touched = set()
        for index in places.pop(pair):
            parts, n = words[index]
            for old in zip(parts, parts[1:]):
                pairs[old] -= n
                touched.add(old)
            at = 0
            while at < len(parts) - 1:
                if (parts[at], parts[at + 1]) == pair:
                    parts[at:at + 2] = ["".join(pair)]
                at += 1
            for new in zip(parts, parts[1:]):
                pairs[new] += n
                places[new].add(index)
                touched.add(new)
        for changed in touched:
            if pairs[changed] > 0:
                heapq.heappush(queue, (-pairs[changed], changed))
    return Tokenizer(merges)
