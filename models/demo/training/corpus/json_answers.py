"""Answers in JSON: small shapes asked for by key, filled from the request."""
import json

from . import names
from .facts_data import CAPITALS
from .grammar import Talk, fill

# key: (how to draw a value, how the value is said in a request)
FIELDS = {
    "name": (names.person, "name $v|named $v|called $v"),
    "age": (lambda rng: rng.randint(1, 99), "age $v|aged $v|$v years old"),
    "city": (names.city, "city $v|from $v|in $v|living in $v"),
    "job": (lambda rng: rng.choice(names.JOBS), "job $v|working as $v"),
    "color": (lambda rng: rng.choice(names.COLOURS), "color $v"),
    "pet": (lambda rng: rng.choice(names.PETS), "pet $v"),
    "food": (lambda rng: rng.choice(names.FOODS), "food $v"),
    "item": (lambda rng: rng.choice(names.ITEMS), "item $v"),
    "price": (lambda rng: rng.randint(1, 999), "price $v"),
    "count": (lambda rng: rng.randint(0, 99), "count $v"),
    "quantity": (lambda rng: rng.randint(1, 50), "quantity $v"),
    "id": (lambda rng: rng.randint(1, 999), "id $v"),
    "year": (lambda rng: rng.randint(1950, 2030), "year $v"),
    "title": (names.invented, "title $v"),
    "country": (lambda rng: rng.choice(list(CAPITALS)).replace("the ", ""), "country $v"),
    "active": (lambda rng: rng.random() < 0.5, "active $v"),
    "vendor": (lambda rng: rng.choice(["NVIDIA", "AMD", "Groq", "Cerebras", "Google", "AWS", "Intel", "Apple"]), "vendor $v"),
    "chip": (lambda rng: rng.choice(["H100", "H200", "MI300X", "LPU", "WSE-3", "TPU v6e", "Trainium2", "Gaudi 3"]), "chip $v"),
    "status": (lambda rng: rng.choice(["ok", "down", "slow", "lost"]), "status $v"),
    "email": (lambda rng: names.person(rng).lower() + "@example.com", "email $v"),
}
PREFIX = "{Return|Give me|Write|Make|Create|Output|Produce|Answer with|Reply with|I need|Generate} {a JSON object|JSON|a JSON|only JSON|valid JSON}"


def said(value):
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool) else str(value)


def dump(rng, value, pretty=False):
    return json.dumps(value, ensure_ascii=False, indent=2 if pretty else None)


def from_values(rng):
    """Keys and values are both in the request."""
    keys = rng.sample(list(FIELDS), rng.choice([1, 2, 2, 2, 3, 3, 4]))
    value = {key: FIELDS[key][0](rng) for key in keys}
    style = rng.random()
    if style < 0.55:
        pairs = [rng.choice(["$k $v", "$k $v", "$k = $v", "$k: $v", "$k is $v"])] * len(keys)
        text = [fill(rng, pair, k=key, v=said(value[key])) for pair, key in zip(pairs, keys)]
        joined = ", ".join(text[:-1]) + (" and " if rng.random() < 0.6 else ", ") + text[-1] if len(text) > 1 else text[0]
        question = fill(rng, PREFIX) + fill(rng, "{ with | with |: | for | containing }") + joined + rng.choice([".", "", "."])
    elif style < 0.8:
        listed = ", ".join(keys[:-1]) + " and " + keys[-1] if len(keys) > 1 else keys[0]
        text = ", ".join(said(value[key]) for key in keys)
        question = fill(rng, PREFIX) + fill(rng, " with {the |}{keys|fields} ") + listed + fill(rng, "{ for: |. Values: |: | for }") + text + rng.choice([".", ""])
    else:
        lines = [f"{key}: {said(value[key])}" for key in keys]
        question = fill(rng, "{Turn this into JSON|Convert to JSON|Make JSON of this|As JSON|To JSON, please|Write as JSON}:") + rng.choice(["\n", " "]) + rng.choice(["\n", ", ", "; "]).join(lines)
    return Talk.ask("JSON", question, dump(rng, value), json=value)


def person(rng):
    """A sentence to read the values from."""
    name, age, city = names.person(rng), rng.randint(5, 95), names.city(rng)
    value, sentence = rng.choice([
        ({"name": name, "age": age}, "{$n is $a years old.|$n is $a.|My friend $n is $a years old.|I know $n, who is $a years old.}"),
        ({"name": name, "city": city}, "{$n lives in $c.|$n is from $c.|My friend $n lives in $c.}"),
        ({"name": name, "age": age, "city": city}, "{$n is $a years old and lives in $c.|$n, aged $a, lives in $c.|$n ($a) is from $c.}"),
    ])
    keys = list(value)
    listed = ", ".join(keys[:-1]) + " and " + keys[-1]
    sentence = fill(rng, sentence, n=name, a=age, c=city)
    q = fill(rng, "{Extract|Give me|Return|Find} {the |}$k as JSON{:| from:| from this:} $s", k=listed, s=sentence)
    if rng.random() < 0.4:
        q = fill(rng, "$s {Give me|Return|Write} {that|this} as JSON with $k{.|}", k=listed, s=sentence)
    return Talk.ask("JSON", q, dump(rng, value), json=value)


def lists(rng):
    key, pool = rng.choice([("colors", names.COLOURS), ("fruits", ["apple", "banana", "cherry", "grape", "lemon", "mango", "orange", "pear"]), ("cities", names.CITIES),
                            ("items", names.ITEMS), ("pets", names.PETS), ("vendors", ["NVIDIA", "AMD", "Groq", "Cerebras", "Google", "AWS", "Intel", "Apple"])])
    n = rng.choice([2, 3, 3, 4])
    picked = rng.sample(pool, n)
    if rng.random() < 0.5:
        text = ", ".join(picked[:-1]) + " and " + picked[-1]
        q = fill(rng, PREFIX + " with {a list|an array} $k: $t.", k=key, t=text) if rng.random() < 0.6 else fill(rng, "{Put|Write} $t {in|into|as} a JSON {array|list}.", t=text)
        value = {key: picked} if key in q else picked
        return Talk.ask("JSON", q, dump(rng, value), json=value)
    number = {2: "two", 3: "three", 4: "four"}[n]
    q = fill(rng, f"{{Give me|Return|List|Write}} {{{number}|{n}}} {key} as {{a JSON array|a JSON list|JSON array}}{{|.|, please.}}")
    return Talk.ask("JSON", q, dump(rng, picked), jsonlist=n)


def known(rng):
    """The value is a fact the model knows."""
    if rng.random() < 0.6:
        country = rng.choice(list(CAPITALS))
        value = {"country": country.replace("the ", ""), "capital": CAPITALS[country][0]}
        q = fill(rng, PREFIX + " with {the keys |the fields |}country and capital for $c.", c=country)
        if rng.random() < 0.4:
            key = rng.choice(["answer", "capital", "city", "result"])
            value = {key: CAPITALS[country][0]}
            q = fill(rng, "What is the capital of $c? {Answer|Reply|Respond} {in|as|with} JSON {with|using} {the key |the field |}$k{.|}", c=country, k=key)
    else:
        a, b = rng.randint(0, 20), rng.randint(0, 20)
        value = {"result": a + b}
        q = fill(rng, "{What is $a + $b?|Calculate $a + $b.|Add $a and $b.} {Answer|Reply|Respond} {in|as|with} JSON {with|using} {the key |}result.", a=a, b=b)
    return Talk.ask("JSON", q, dump(rng, value), json=value)


def nested(rng):
    name, city, item = names.person(rng), names.city(rng), rng.choice(names.ITEMS)
    a, b = rng.randint(1, 99), rng.randint(1, 99)
    value, q = rng.choice([
        ({"user": {"name": name, "age": a}}, f"with user (name {name}, age {a})"),
        ({"user": {"name": name, "city": city}}, f"with user (name {name}, city {city})"),
        ({"order": {"item": item, "quantity": a}, "paid": True}, f"with order (item {item}, quantity {a}) and paid true"),
        ({"order": {"item": item, "quantity": a}, "paid": False}, f"with order (item {item}, quantity {a}) and paid false"),
        ({"point": {"x": a, "y": b}}, f"with point (x {a}, y {b})"),
    ])
    return Talk.ask("JSON", fill(rng, PREFIX) + " " + q + rng.choice([".", ""]), dump(rng, value), json=value)


def korean(rng):
    name = rng.choice(names.PEOPLE_KO) if rng.random() < 0.7 else names.person(rng)
    age = rng.randint(5, 95)
    q = fill(rng, "{이름 $n, 나이 $a를 JSON으로 {줘|써 줘|주세요}.|name $n, age $a JSON으로 {줘|만들어 줘}.|이름은 $n, 나이는 $a. JSON으로 {답해 줘|만들어 주세요}.}", n=name, a=age)
    value = {"name": name, "age": age}
    return Talk.ask("JSON, Korean", q, dump(rng, value), json=value)


def free(rng):
    """JSON of no stated shape."""
    value = {key: FIELDS[key][0](rng) for key in rng.sample(["name", "age", "city", "job", "item", "price", "vendor", "chip"], rng.choice([2, 2, 3]))}
    q = fill(rng, "{Give me|Write|Show me|Return|Make} {some JSON|any JSON|a JSON object|an example of JSON|a small JSON object|JSON}{.|, please.|}")
    return Talk.ask("JSON", q, dump(rng, value), jsonany=True)


def draw(rng):
    return rng.choices([from_values, person, lists, known, nested, free], [8, 4, 3, 2, 2, 0.7])[0](rng)
