"""Render conversations with the model's own chat template, and say which tokens are the answer."""
import json
from pathlib import Path

import jinja2

from bpe import END_OF_TEXT, IM_END, IM_START

TEMPLATE = (Path(__file__).parent / "chat_template.jinja").read_text(encoding="utf-8").rstrip("\n")
_environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)  # as Hugging Face renders it
_environment.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
_compiled = _environment.from_string(TEMPLATE)
_OPENING = f"{IM_START}assistant\n"


def render(messages, tools=None, add_generation_prompt=False):
    return _compiled.render(messages=messages, tools=tools, add_generation_prompt=add_generation_prompt)


def encode(tokenizer, messages, tools=None):
    """Token ids and, for each, 1 where the model itself has to produce it (the end mark included)."""
    if messages[0]["role"] == "text":  # no chat form at all
        ids = tokenizer.encode(messages[0]["content"] + END_OF_TEXT)
        return ids, [1] * len(ids)
    ids, answer = [], []
    text = render(messages, tools)
    if messages[-1]["role"] == "assistant":
        text = text[: text.rindex(IM_END) + len(IM_END)]
    parts = text.split(_OPENING)
    for n, part in enumerate(parts):
        if n > 0:
            said, end, rest = part.partition(IM_END)
            new = tokenizer.encode(said + end)
            ids += new
            answer += [1] * len(new)
            part = rest
        new = tokenizer.encode(part + (_OPENING if n < len(parts) - 1 else ""))
        ids += new
        answer += [0] * len(new)
    return ids, answer
