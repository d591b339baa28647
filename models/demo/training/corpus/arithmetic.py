"""Small sums: two-digit addition and subtraction, the times tables, comparisons; larger ones are declined."""
from .grammar import Talk, fill


def operands(rng):
    kind = rng.choices("+-*", [5, 4, 4])[0]
    if kind == "*":
        a, b = rng.randint(0, 12), rng.randint(0, 12)
        return kind, a, b, a * b
    top = rng.choice([10, 20, 99, 99])
    a, b = rng.randint(0, top), rng.randint(0, top)
    if kind == "-" and a < b:
        a, b = b, a
    return kind, a, b, a + b if kind == "+" else a - b


def sums(rng):
    kind, a, b, result = operands(rng)
    sign = {"+": ["+", "plus"], "-": ["-", "minus"], "*": ["*", "x", "×", "times"]}[kind]
    s = rng.choice(sign + sign[:1])
    forms = ["What is $a $s $b?", "What's $a $s $b?", "$a $s $b", "$a $s $b = ?", "$a $s $b?", "Calculate $a $s $b.", "{Compute|Work out|Solve} $a $s $b{.|, please.}", "How much is $a $s $b?", "what is $a $s $b", "Can you {calculate|tell me} $a $s $b?", "What does $a $s $b {make|equal|give}?"]
    if s in "+-*" and rng.random() < 0.15:
        forms = ["$a$s$b", "$a$s$b=", "$a$s$b=?"]
    elif rng.random() < 0.12:
        forms = {"+": ["Add $a and $b.", "What is the sum of $a and $b?", "I have $a {apples|chips|coins} and get $b more. How many do I have?"],
                 "-": ["Subtract $b from $a.", "What is the difference {of|between} $a and $b?", "I have $a {apples|chips|coins} and give away $b. How many are left?"],
                 "*": ["Multiply $a by $b.", "What is the product of $a and $b?"]}[kind]
    shown = {"+": "+", "-": "-", "*": "×"}[kind]
    answer = rng.choice(["$a $t $b = $r.", "$a $t $b = $r", "{It is|That is|The answer is|The result is|That makes} $r.", "$a $t $b {is|makes|equals} $r.", "$r.", "$r"])
    return Talk.ask("arithmetic", fill(rng, rng.choice(forms), a=a, b=b, s=s), fill(rng, answer, a=a, b=b, t=shown, r=result), number=result)


def sums_ko(rng):
    kind, a, b, result = operands(rng)
    sign = {"+": ["+", "더하기"], "-": ["-", "빼기"], "*": ["×", "곱하기", "*"]}[kind]
    q = rng.choice(["$a $s $b는?", "$a $s $b는 {얼마야|얼마인가요|뭐야}?", "$a $s $b 계산해 줘.", "$a $s $b 계산해 주세요."])
    answer = rng.choice(["$r입니다.", "답은 $r입니다.", "$a $t $b = $r입니다.", "$r이에요."])
    shown = {"+": "+", "-": "-", "*": "×"}[kind]
    return Talk.ask("arithmetic, Korean", fill(rng, q, a=a, b=b, s=rng.choice(sign)), fill(rng, answer, a=a, b=b, t=shown, r=result), number=result)


def larger(rng):
    a, b = rng.sample(range(0, 100), 2)
    q = "{Which is {larger|bigger|greater}, $a or $b?|What is {larger|bigger}: $a or $b?|Is $a {larger|bigger} than $b?}"
    q = fill(rng, q, a=a, b=b)
    if q.startswith("Is"):
        return Talk.ask("arithmetic", q, fill(rng, "{Yes|Yes, it is|Yes, $a is larger than $b}." if a > b else "{No|No, it is not|No, $b is larger than $a}.", a=a, b=b), words=[["Yes" if a > b else "No"]])
    return Talk.ask("arithmetic", q, fill(rng, "{$r.|$r is {larger|bigger}.|{The larger|The larger one|The larger number} is $r.}", r=max(a, b)), number=max(a, b))


def too_large(rng):
    a, b = rng.randint(100, 99999), rng.randint(13, 9999)
    q = "{What is $a $s $b?|$a $s $b|Calculate $a $s $b.|How much is $a $s $b?|What is the square root of $a?|What is $a divided by $b?}"
    a_ = "{That is too large for me|Those numbers are too large for me|I cannot do that one}: I am a small demo model and {only do|only know} small sums.{| Please use a calculator.}"
    return Talk.ask("declines", fill(rng, q, a=a, b=b, s=rng.choice("+-*×")), fill(rng, a_), words=[["demo model", "small"]])


def draw(rng):
    return rng.choices([sums, larger, too_large], [12, 1.5, 1])[0](rng)
