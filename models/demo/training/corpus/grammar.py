"""A tiny template grammar, so that one fact is said in very many ways.

`{a|b|c}` picks one (they nest, an option may be empty), `@name` expands a shared word list from MACROS,
and `$name` is filled from the caller's values afterwards, so that values may hold any character.
"""
import re
from dataclasses import dataclass, field

MACROS = {
    "chip": "{chip|processor|accelerator}",
    "chips": "{chips|processors|accelerators}",
    "vendor": "{vendor|supplier|chip maker|company}",
    "vendors": "{vendors|suppliers|chip makers|companies}",
    "answer": "{answer|reply|response}",
    "answers": "{answers|replies|responses}",
    "request": "{request|question|prompt}",
    "requests": "{requests|questions|prompts}",
    "fleet": "{fleet|service|system}",
    "lost": "{lost|gone|down|out of reach}",
    "stops": "{stops|fails|dies|goes away|disappears}",
    "so": "{so|which means that|so that in the end}",
    "also": "{also|in addition|besides}",
    "shows": "{shows|tells you|says|reports}",
    "runs": "{runs|works|serves}",
    "onekind": "{one OpenAI-compatible endpoint|a single OpenAI-compatible API|one OpenAI-style endpoint}",
    "please": "{|||please |Please, }",
    "more": "{|||| {Just ask|Ask me} {if you want to know more|for more|about the rest}.| {Do you want|Would you like} {to hear more|an example|the details}?}",
}
_INNER = re.compile(r"\{([^{}]*)\}")
_A_VOWEL = re.compile(r"\b([Aa]) (answer|accelerator|endpoint|engineer|old|office|empty|AMD|AI|API|engine|OpenAI)")
_AN_CONSONANT = re.compile(r"\b([Aa])n (reply|response|chip|processor|vendor|supplier|request|question|prompt)")
_MACRO = re.compile(r"@([a-z]+)")


def fill(rng, template, **values):
    text = template
    while "@" in text and _MACRO.search(text):
        expanded = _MACRO.sub(lambda match: MACROS.get(match[1], "\0" + match[1]), text)
        if expanded == text:
            break
        text = expanded
    while "{" in text:
        text = _INNER.sub(lambda match: rng.choice(match[1].split("|")), text)
    for name in sorted(values, key=len, reverse=True):
        text = text.replace("$" + name, str(values[name]))
    text = _A_VOWEL.sub(r"\1n \2", text.replace("\0", "@"))
    return _AN_CONSONANT.sub(r"\1 \2", text)


def upper_first(text):
    return text[:1].upper() + text[1:]


def josa(word, with_final, without_final, latin_final=False):
    """The Korean particle that fits the word's last letter (은/는, 이/가, …)."""
    last = word[-1]
    final = (ord(last) - 0xAC00) % 28 != 0 if "가" <= last <= "힣" else latin_final
    return word + (with_final if final else without_final)


FRAMES_EN = [
    "What is $x?", "What is $x?", "What's $x?", "what is $x", "whats $x", "Explain $x.", "Explain $x to me{.|, please.}", "Tell me about $x.",
    "Can you explain $x?", "What do you know about $x?", "Define $x.", "Describe $x{| briefly}.",
    "{Please|Kindly} explain $x.", "I {want|would like} to know about $x.", "Could you tell me what $x is?",
    "Do you know what $x is?", "In short, what is $x?", "Give me a short {explanation|description} of $x.", "tell me about $x", "explain $x",
    "$x?", "$x: what is {it|that}?", "What exactly is $x?", "So what is $x?", "{Hi|Hello|Hey}{,|!} {what is|what's} $x?",
]


def frames_ko(rng, name, latin_final=False):
    topic, subject = josa(name, "은", "는", latin_final), josa(name, "이", "가", latin_final)
    called = josa(name, "이란", "란", latin_final)
    return rng.choice([
        f"{topic} 무엇인가요?", f"{topic} 무엇인가요?", f"{subject} 뭐야?", f"{subject} 뭐야?", f"{topic} 뭐야?", f"{subject} 뭐예요?", f"{called} 무엇인가요?",
        f"{name}에 대해 알려줘.", f"{name} 설명해 줘.", f"{name}에 대해 설명해 주세요.", f"{subject} 무엇인지 알려줘.",
        f"{called} 뭐야?", f"{name} 뜻이 뭐야?", f"{subject} 뭔지 알려 주세요.", f"{name} 알려줘", f"{name}?", f"{topic} 뭔가요?", f"{subject} 무엇인가요?", f"{topic} 무엇입니까?",
    ])


@dataclass
class Talk:
    """One conversation; its last message is the answer that `check` judges (see evaluate.py)."""
    category: str
    messages: list
    check: dict = field(default_factory=dict)
    tools: list = None

    @classmethod
    def ask(cls, category, question, answer, **check):
        return cls(category, [{"role": "user", "content": question}, {"role": "assistant", "content": answer.strip()}], check)
