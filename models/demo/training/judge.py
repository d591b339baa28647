"""Decide whether an answer is right, by the `check` that came with the drawn conversation."""
import json
import re

VENDORS = ["nvidia", "amd", "groq", "cerebras", "google", "aws", "intel", "apple"]
_CALL = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.DOTALL)


def parse(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def calls(text):
    found = [parse(body) for body in _CALL.findall(text)]
    return found if _CALL.sub("", text).strip() == "" else None


def correct(check, text, tokens, ended, expected):
    """`expected` is the drawn answer; `ended` says that the model stopped by itself."""
    if not ended:
        return False
    low = text.lower()
    if "number" in check:
        numbers = re.findall(r"-?\d+", re.sub(r"(\d),(\d)", r"\1\2", text))
        return bool(numbers) and int(numbers[-1]) == check["number"]
    if "json" in check:
        return parse(text) == check["json"]
    if "jsonlist" in check:
        value = parse(text)
        return isinstance(value, list) and len(set(map(str, value))) == check["jsonlist"]
    if "jsonany" in check:
        return isinstance(parse(text), dict)
    if "tool" in check:
        return calls(text) == [check["tool"]]
    if "tools" in check:
        return calls(text) == check["tools"]
    if "vendors" in check:
        return sum(vendor in low for vendor in VENDORS) == check["vendors"]
    if "exact" in check:
        return text.strip() == expected.strip()
    if tokens < check.get("atleast", 0):
        return False
    return all(any(word.lower() in low for word in group) for group in check.get("words", []))
