"""The mixture: which subjects come how often, with what system message, and what was said before."""
from . import arithmetic, chips, declines, facts, json_answers, long_form, product, product_ko, recall, smalltalk, tool_calls
from .grammar import Talk

SYSTEMS = ["You are a helpful assistant.", "You are a helpful assistant.", "You are a helpful AI assistant.", "You are a friendly assistant.", "Answer briefly.", "Be concise.", "You are the assistant of Second Source.",
           "You are a helpful, honest assistant.", "You are an expert.", "Answer the user's questions.", "You are Second Source's demo model.", "Be polite and short.", "You answer questions about chips.", "You are a test assistant.", "Keep it short."]


def _sentence(rng):
    """Filler for the needle tests: any answer of one paragraph."""
    return rng.choice([product, product, chips, facts, smalltalk]).draw(rng).messages[-1]["content"]


def _needle(rng):
    return recall.needle(rng, _sentence)


def plain_text(rng):
    """Text without the chat form, for the bare completions route."""
    if rng.random() < 0.5:
        text = rng.choice([long_form.story, long_form.story, long_form.explain, long_form.poem, long_form.count])(rng).messages[-1]["content"]
    else:
        text = " ".join(_sentence(rng) for _ in range(rng.randint(1, 6)))
    return Talk("plain text", [{"role": "text", "content": text}])


SUBJECTS = [
    (product.draw, 17), (product_ko.draw, 7), (chips.draw, 8), (chips.fact_ko, 2), (facts.draw, 10), (facts.draw_ko, 4),
    (arithmetic.draw, 18), (arithmetic.sums_ko, 1.5), (json_answers.draw, 10), (json_answers.korean, 1), (tool_calls.draw, 10),
    (lambda rng: recall.draw(rng, _between), 7), (smalltalk.draw, 7), (smalltalk.draw_ko, 2), (declines.draw, 7), (declines.draw_ko, 1.5),
    (long_form.draw, 6), (long_form.korean, 0.8), (_needle, 1.6), (plain_text, 1),
]
_DRAW, _WEIGHT = zip(*SUBJECTS)
_SHORT = [(product.draw, 4), (product_ko.draw, 1), (chips.draw, 3), (facts.draw, 4), (arithmetic.draw, 3), (smalltalk.draw, 3), (declines.draw, 1), (json_answers.draw, 1)]


def _between(rng):
    """Some unrelated exchanges: mostly none or one, at times many, so that far positions are trained too."""
    turns = rng.choices([0, 1, 2, 4, 10], [45, 30, 17, 6, 2])[0]
    messages = []
    for _ in range(turns):
        messages += rng.choices(*zip(*_SHORT))[0](rng).messages
    return messages


def _noise(rng, text):
    """People type carelessly: lower case, no mark at the end, one letter wrong."""
    roll = rng.random()
    if roll < 0.06:
        text = text.lower()
    elif roll < 0.12:
        text = text.rstrip("?.!")
    elif roll < 0.15:
        text = text.rstrip("?.!").lower()
    elif roll < 0.17:
        text = text + rng.choice(["?", "!", " ", "\n", "??", " please", " thanks"])
    elif roll < 0.20 and len(text) > 12:
        letters = [n for n, letter in enumerate(text) if letter.isascii() and letter.isalpha()]
        if letters:
            n = rng.choice(letters)
            text = text[:n] + rng.choice(["", text[n] * 2, rng.choice("aeiourstn")]) + text[n + 1:]
    return text


def draw(rng, subject=None, plain=False):
    """One conversation. `plain` leaves out noise, for evaluation by category."""
    talk = (subject or rng.choices(_DRAW, _WEIGHT)[0])(rng)
    exact = talk.category.split(",")[0] in ("JSON", "tool call", "tool result", "recall", "repeat", "counting", "arithmetic", "needle")
    if not plain and not exact and talk.messages[0]["role"] == "user":
        talk.messages[0]["content"] = _noise(rng, talk.messages[0]["content"]) or "?"
    if talk.category == "plain text":
        return talk
    if talk.category.split(",")[0] not in ("recall", "needle") and rng.random() < 0.25:
        talk.messages = _between(rng) + talk.messages
    if rng.random() < 0.4:
        talk.messages = [{"role": "system", "content": rng.choice(SYSTEMS)}] + talk.messages
    return talk
