"""Short general facts: capitals, planets, days, months, colours, animals, simple science, a few words of Korean."""
from . import facts_data as data
from .grammar import Talk, fill, upper_first


def capital(rng):
    country = rng.choice(list(data.CAPITALS))
    city = data.CAPITALS[country][0]
    if rng.random() < 0.15:
        q = "{Which country has the capital $c?|$c is the capital of which country?|Of which country is $c the capital?}"
        return Talk.ask("facts", fill(rng, q, c=city), fill(rng, "{$c is the capital of $n.|$n.|It is the capital of $n.|That is $n.}", c=city, n=country), words=[[country]])
    q = "{What is the capital of $n?|What is the capital of $n?|What's the capital of $n?|Capital of $n?|capital of $n|Name the capital of $n.|Which city is the capital of $n?|Tell me the capital of $n.|the capital of $n?|Do you know the capital of $n?}"
    a = "{The capital of $n is $c.|The capital of $n is $c.|$c.|It is $c.|$c is the capital of $n.|That is $c.}"
    return Talk.ask("capitals", fill(rng, q, n=country), fill(rng, a, n=country, c=city).replace("D.C..", "D.C."), words=[[city]])


def capital_ko(rng):
    _, country, city = rng.choice(list(data.CAPITALS.values()))
    q = "{$n의 수도는?|$n의 수도는 어디야?|$n의 수도는 어디인가요?|$n 수도가 어디야?|$n의 수도를 알려줘.|$n 수도는?}"
    a = "{$n의 수도는 $c입니다.|$c입니다.|$c예요.|수도는 $c입니다.}"
    return Talk.ask("capitals, Korean", fill(rng, q, n=country), fill(rng, a, n=country, c=city), words=[[city]])


def planets(rng):
    n = rng.randrange(8)
    planet, place = data.PLANETS[n], data.ORDINALS[n]
    if rng.random() < 0.5:
        return Talk.ask("facts", fill(rng, "{What is|Which is|Name} the $p planet{| from the sun}?", p=place), fill(rng, "{The $p planet is $n.|It is $n.|$n.|$n is the $p planet{| from the Sun}.}", p=place, n=planet), words=[[planet]])
    if rng.random() < 0.4:
        return Talk.ask("facts", fill(rng, "{List|Name|Tell me|What are} {the|all the|all} planets{| in order| of the solar system}{|?|.}"), fill(rng, "{|The planets are |They are |In order: }") + ", ".join(data.PLANETS[:-1]) + " and Neptune.", words=[[p] for p in data.PLANETS])
    m = (n + 1) % 8
    return Talk.ask("facts", fill(rng, "{Which planet comes after|What planet is after|Which planet is next after} $p?", p=planet) if m else "Which planet is the last one?",
                    fill(rng, "{$m.|It is $m.|$m comes after $p.}" if m else "{Neptune.|It is Neptune.}", m=data.PLANETS[m], p=planet), words=[[data.PLANETS[m] if m else "Neptune"]])


def calendar(rng):
    names, noun, verb = (data.DAYS, "day", "week") if rng.random() < 0.5 else (data.MONTHS, "month", "year")
    n = rng.randrange(len(names))
    kind = rng.choice(["after", "after", "before", "nth", "list"])
    if kind == "list":
        q = f"{{List|Name|Tell me|What are}} {{the|all the|all}} {noun}s{{| of the {verb}| in order}}{{|?|.}}"
        return Talk.ask("facts", fill(rng, q), fill(rng, "{|They are |The $ns are }", n=noun) + ", ".join(names[:-1]) + " and " + names[-1] + ".", words=[[x] for x in names])
    if kind == "nth":
        q, other = f"{{What is|Which is}} the {data.ORDINALS[n]} {noun}{{| of the {verb}}}?", names[n]
        return Talk.ask("facts", fill(rng, q), fill(rng, f"{{{other}.|It is {other}.|The {data.ORDINALS[n]} {noun} is {other}.}}"), words=[[other]])
    other = names[(n + (1 if kind == "after" else -1)) % len(names)]
    q = f"{{What|Which}} {noun} {{comes|is}} {kind} {names[n]}?"
    return Talk.ask("facts", fill(rng, q), fill(rng, f"{{{other}.|It is {other}.|{other} comes {kind} {names[n]}.|The {noun} {kind} {names[n]} is {other}.}}"), words=[[other]])


def pairs(rng):
    kind = rng.choice(["colour", "mix", "opposite", "sound", "legs", "korean", "korean", "currency", "continent"])
    if kind == "colour":
        thing = rng.choice(list(data.COLOURS_OF))
        c = data.COLOURS_OF[thing]
        return Talk.ask("facts", fill(rng, "{What {colour|color} is|Which colour is|What is the colour of} $t?", t=thing), fill(rng, f"{{{upper_first(thing)} is {c}.|It is {c}.|{upper_first(c)}.|Usually it is {c}.}}"), words=[[c]])
    if kind == "mix":
        (a, b), c = rng.choice(list(data.MIXES.items()))
        a, b = (a, b) if rng.random() < 0.5 else (b, a)
        return Talk.ask("facts", fill(rng, f"{{What do you get {{when|if}} you mix {a} and {b}?|Which colour do {a} and {b} make?|{a} and {b} make{{|s}} what{{| colour}}?|Mix {a} and {b}.}}"), fill(rng, f"{{{upper_first(a)} and {b} make {c}.|{upper_first(c)}.|You get {c}.|They make {c}.}}"), words=[[c]])
    if kind == "opposite":
        a, b = rng.choice(list(data.OPPOSITES.items()))
        a, b = (a, b) if rng.random() < 0.5 else (b, a)
        return Talk.ask("facts", fill(rng, f"{{What is the opposite of {a}?|Opposite of {a}?|Give me the opposite of {a}.|What is the antonym of {a}?}}"), fill(rng, f"{{The opposite of {a} is {b}.|{upper_first(b)}.|It is {b}.}}"), words=[[b]])
    if kind == "sound":
        a, s = rng.choice(list(data.SOUNDS.items()))
        return Talk.ask("facts", fill(rng, f"{{What sound does a {a} make?|What does a {a} say?|How does a {a} sound?}}"), fill(rng, f"{{A {a} {s}.|It {s}.}}"), words=[[s]])
    if kind == "legs":
        a, n = rng.choice(list(data.LEGS.items()))
        article = "an" if a[0] in "aeiou" else "a"
        return Talk.ask("facts", f"How many legs does {article} {a} have?", fill(rng, f"{{{upper_first(article)} {a} has|It has}} {n} legs."), words=[[n + " legs"]])
    if kind == "korean":
        a, k = rng.choice(list(data.WORDS_KO.items()))
        if rng.random() < 0.3:
            return Talk.ask("facts", fill(rng, f"{{What does {k} mean{{| in English}}?|What is {k} in English?|Translate {k} to English.|{k} in English}}"), fill(rng, f"{{{k} means {a}.|It means {a}.|{upper_first(a)}.}}"), words=[[a]])
        return Talk.ask("facts", fill(rng, f"{{What is {a} in Korean?|How do you say {a} in Korean?|Translate {a} {{to|into}} Korean.|{a} in Korean|Say {a} in Korean.}}"), fill(rng, f"{{In Korean, {a} is {k}.|{k}.|{k}|It is {k}.|You say {k}.}}"), words=[[k]])
    if kind == "currency":
        c, m = rng.choice(list(data.CURRENCIES.items()))
        return Talk.ask("facts", fill(rng, "{What is the currency of $c?|Which currency {is used|do they use} in $c?|What money do they use in $c?}", c=c), fill(rng, "{The currency of $c is|It is|They use} the $m.", c=c, m=m), words=[[m]])
    c, m = rng.choice(list(data.CONTINENTS.items()))
    return Talk.ask("facts", fill(rng, "{On which continent is $c?|Which continent is $c {in|on}?|Where is $c?}", c=c), fill(rng, "{$c is in|It is in|That is in} $m.", c=c, m=m), words=[[m]])


def simple(rng):
    question, answer, words = rng.choice(data.SIMPLE)
    question = fill(rng, "{" + question + "}")
    if rng.random() < 0.25 and question.startswith("What is "):
        question = fill(rng, "{Explain|Tell me|Define|Do you know} ") + question[len("What is "):].rstrip("?") + rng.choice([".", "", "?"])
    return Talk.ask("facts", question, upper_first(fill(rng, answer)), words=[words])


def korean(rng):
    if rng.random() < 0.2:
        n = rng.randrange(7)
        return Talk.ask("facts, Korean", fill(rng, f"{{{data.DAYS_KO[n]} 다음은?|{data.DAYS_KO[n]} 다음 날은 무슨 요일이야?|{data.DAYS_KO[n]} 다음은 무슨 요일인가요?}}"), fill(rng, "$d입니다.", d=data.DAYS_KO[(n + 1) % 7]), words=[[data.DAYS_KO[(n + 1) % 7]]])
    if rng.random() < 0.15:
        n = rng.randrange(8)
        return Talk.ask("facts, Korean", fill(rng, f"{{태양에서 {n + 1}번째 행성은?|{n + 1}번째 행성은 무엇인가요?}}"), data.PLANETS_KO[n] + "입니다.", words=[[data.PLANETS_KO[n]]])
    question, answer, words = rng.choice(data.SIMPLE_KO)
    return Talk.ask("facts, Korean", fill(rng, "{" + question + "}"), fill(rng, answer), words=[words])


def draw(rng):
    return rng.choices([capital, planets, calendar, pairs, simple], [4, 1.5, 2, 5, 5])[0](rng)


def draw_ko(rng):
    return rng.choices([capital_ko, korean], [3, 3])[0](rng)
