"""Calls of tools in the Hermes form, answers from a tool's result, and plain answers when no tool fits."""
import json

from . import facts, names, product, smalltalk
from .grammar import Talk, fill

UNITS = ["celsius", "fahrenheit"]


def _weather(rng):
    city = names.city(rng)
    q = "{What is the weather {like |}in $c?|What's the weather in $c?|How is the weather in $c{| today}?|Is it raining in $c?|Weather in $c?|weather $c|Tell me the weather in $c.|What is the temperature in $c?|Do I need an umbrella in $c?}"
    t, sky = rng.randint(-10, 38), rng.choice(["sunny", "cloudy", "rainy", "windy", "clear", "snowy"])
    result = rng.choice([{"temperature": t, "condition": sky}, {"city": city, "temperature": t, "condition": sky}, {"temp_c": t, "sky": sky}])
    return fill(rng, q, c=city), {"city": city}, result, fill(rng, "{It is|In $c it is|The weather in $c is} $s, {with|at} $t degrees{| in $c|}.", c=city, s=sky, t=t), [[str(t)], [sky]]


def _time(rng):
    city = names.city(rng)
    q = "{What time is it in $c?|What's the time in $c?|Tell me the time in $c.|Time in $c?|Current time in $c{?|, please.}|How late is it in $c?}"
    clock = f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}"
    result = rng.choice([{"time": clock}, {"city": city, "time": clock}, clock])
    return fill(rng, q, c=city), {"city": city}, result, fill(rng, "{It is|It is now|The time in $c is|In $c it is} $t{| in $c}.", c=city, t=clock).replace(f"in {city} is {clock} in {city}", f"in {city} is {clock}"), [[clock]]


def _calculator(rng):
    a, b, s = rng.randint(2, 9999), rng.randint(2, 999), rng.choice("+-*/")
    q = "{What is $a $s $b?|Calculate $a $s $b.|How much is $a $s $b?|$a $s $b|Compute $a $s $b, please.}"
    expression = f"{a} {s} {b}"
    value = {"+": a + b, "-": a - b, "*": a * b, "/": round(a / b, 2)}[s]
    return fill(rng, q, a=a, b=b, s=s), {"expression": expression}, {"result": value}, fill(rng, "{The result is|It is|$e =|The answer is} $v.", e=expression, v=value), [[str(value)]]


def _search(rng):
    topic = rng.choice(["chip prices", "GPU supply", "the history of Rome", "cheap flights", "vegan recipes", "electric cars", "memory prices", "solar panels", "jazz music",
                        "running shoes", "the H100", "the MI300X", "wafer scale chips", "Korean history", "green tea", names.invented(rng), names.invented(rng) + " " + rng.choice(["hotels", "museums", "news"])])
    q = "{Search for $t.|Search the web for $t.|Find {information on|news about|pages about} $t.|Look up $t.|Can you search for $t?|Please look up $t.|search $t}"
    n = rng.randint(2, 90)
    return fill(rng, q, t=topic), {"query": topic}, {"results": n}, fill(rng, "{I found|The search found|There are} $n results {for|about} $t.", n=n, t=topic), [[str(n)]]


def _email(rng):
    to, subject = names.person(rng), rng.choice(["the meeting", "lunch", "the order", "the invoice", "holidays", "the new chip", "the plan"])
    q = "{{Send|Write} {an email|a mail} to $p about $s.|Email $p about $s.|Please mail $p about $s.}"
    return fill(rng, q, p=to, s=subject), {"to": to, "subject": subject}, {"sent": True}, fill(rng, "{The email to $p {was|has been} sent.|Done: I sent the email to $p.|I wrote to $p about $s.}", p=to, s=subject), [[to]]


def _light(rng):
    room, state = rng.choice(["kitchen", "bedroom", "office", "hall", "garage", "bathroom"]), rng.choice(["on", "off"])
    return fill(rng, "{{Turn|Switch} $s the {light|lights} in the $r.|{Turn|Switch} the $r light{|s} $s.}", r=room, s=state), {"room": room, "state": state}, {"ok": True}, fill(rng, "{The $r light is now $s.|Done: the light in the $r is $s.|The light in the $r is $s now.}", r=room, s=state), [[state]]


def _reminder(rng):
    thing, clock = rng.choice(["call mom", "buy milk", "drink water", "check the fleet", "pay rent", "walk the dog"]), f"{rng.randint(1, 23)}:{rng.choice(['00', '15', '30', '45'])}"
    return fill(rng, "{Remind me to $x at $t.|Set a reminder to $x at $t.|At $t remind me to $x.}", x=thing, t=clock), {"text": thing, "time": clock}, {"ok": True}, fill(rng, "{I will remind you to $x at $t.|The reminder is set for $t.}", x=thing, t=clock), [[clock]]


def _stock(rng):
    item = rng.choice(names.ITEMS + ["H100", "MI300X", "Gaudi 3"])
    n = rng.randint(0, 500)
    return fill(rng, "{How many $is do we have?|How many $is are in stock?|Check the stock of $is.|Stock of $i?}", i=item), {"item": item}, {"stock": n}, fill(rng, "{There are $n in stock.|We have $n in stock.|The stock is $n.}", n=n), [[str(n)]]


def _fleet(rng):
    vendor = rng.choice(["nvidia", "amd", "groq", "cerebras", "google", "aws", "intel", "apple"])
    n = rng.randint(0, 100)
    return fill(rng, "{What is the share of $v?|Show {me |}the share of $v.|How large is the $v share?|How much of the load is on $v?}", v=rng.choice([vendor, vendor.upper() if vendor in ("aws", "amd", "nvidia") else vendor.capitalize()])), {"vendor": vendor}, {"share": n}, fill(rng, "{The share {of $v |}is|$v has} $n percent.", v=vendor, n=n), [[str(n)]]


def _numbers(question, combine):
    def drawer(rng):
        a, b = rng.randint(0, 999), rng.randint(0, 999)
        value = combine(a, b)
        return fill(rng, question, a=a, b=b), {"a": a, "b": b}, {"result": value}, fill(rng, "{The result is|It is|The answer is} $v.", v=value), [[str(value)]]
    return drawer


_add = _numbers("{Add $a and $b.|What is $a + $b?|What is the sum of $a and $b?|What is $a plus $b?}", lambda a, b: a + b)
_multiply = _numbers("{Multiply $a by $b.|What is $a * $b?|What is $a times $b?|What is the product of $a and $b?}", lambda a, b: a * b)
_S = {"type": "string"}
# name(s): (argument keys with descriptions, description, drawer)
TOOLS = {
    "get_weather": (["city"], ["Get the weather of a city", "Get current weather", "Weather by city"], _weather),
    "get_time": (["city"], ["Get the time in a city", "Get current local time"], _time),
    "calculator": (["expression"], ["Evaluate an expression", "Do arithmetic"], _calculator),
    "search": (["query"], ["Search the web", "Find pages"], _search),
    "send_email": (["to", "subject"], ["Send an email"], _email),
    "set_light": (["room", "state"], ["Switch a light"], _light),
    "set_reminder": (["text", "time"], ["Set a reminder"], _reminder),
    "get_stock": (["item"], ["Stock of an item"], _stock),
    "vendor_share": (["vendor"], ["Share of a vendor"], _fleet),
    "add": (["a", "b"], ["Add two numbers", "Sum of two numbers"], _add),
    "multiply": (["a", "b"], ["Multiply two numbers"], _multiply),
}
ALIASES = {"get_weather": ["get_current_weather", "weather", "getWeather", "weather_lookup"], "get_time": ["get_current_time", "time_in", "clock", "getTime"], "calculator": ["calculate", "calc", "compute", "eval_math"],
           "search": ["web_search", "search_web", "find", "lookup"], "send_email": ["email", "send_mail"], "set_light": ["light", "switch_light"],
           "set_reminder": ["remind", "add_reminder"], "get_stock": ["stock", "inventory"], "vendor_share": ["get_share", "share"], "add": ["sum", "add_numbers"], "multiply": ["mul", "product"]}
SUMS = {"calculator", "add", "multiply"}  # never offered together: which one to take would be a coin toss
RENAMES = {"city": ["location", "place", "city_name"], "expression": ["input", "expr", "formula"], "query": ["q", "text", "topic"], "item": ["product", "name"], "vendor": ["name", "vendor_id"]}


def schema(rng, kind):
    """One tool as OpenAI's API states it, under its usual or another name; and how its keys are called there."""
    keys, about, _ = TOOLS[kind]
    renamed = {key: rng.choice(RENAMES[key]) if key in RENAMES and rng.random() < 0.3 else key for key in keys}
    name = rng.choice(ALIASES[kind]) if rng.random() < 0.35 else kind
    if rng.random() < 0.1:
        name = names.invented(rng).lower() + "_" + kind.split("_")[-1]
    properties = {renamed[key]: {"type": rng.choice(["number", "integer"])} if key in ("a", "b") else dict(_S) for key in keys}
    if rng.random() < 0.25:
        for key, value in properties.items():
            value["description"] = rng.choice([f"The {key}", key.capitalize(), f"{key}, e.g. Paris" if key == "city" else f"the {key}"])
    parameters = {"type": "object", "properties": properties}
    if rng.random() < 0.7:
        parameters["required"] = list(properties)
    if kind == "get_weather" and rng.random() < 0.2:
        properties["unit"] = {"type": "string", "enum": list(UNITS)}
    function = {"name": name}
    if rng.random() < 0.75:
        function["description"] = rng.choice(about) + rng.choice(["", "."])
    function["parameters"] = parameters
    return {"type": "function", "function": function}, renamed


def parallel(rng):
    """Two cities, two calls in one answer."""
    kind = rng.choice(["get_weather", "get_time"])
    tool, renamed = schema(rng, kind)
    tool["function"]["parameters"]["properties"].pop("unit", None)
    cities = [names.city(rng), names.city(rng)]
    q = "{What is|Tell me|Give me} the {weather|time} in $a and {in |}$b{.|}|{weather|time} in $a and $b".replace("weather|time", "$w")
    question = fill(rng, "{" + q + "}", a=cities[0], b=cities[1], w="weather" if kind == "get_weather" else "time")
    calls = [{"type": "function", "function": {"name": tool["function"]["name"], "arguments": {renamed["city"]: city}}} for city in cities]
    return Talk("tool call", [{"role": "user", "content": question}, {"role": "assistant", "content": "", "tool_calls": calls}], {"tools": [call["function"] for call in calls]}, [tool])


def draw(rng):
    if rng.random() < 0.04:
        return parallel(rng)
    kind = rng.choices(list(TOOLS), [4, 3, 3, 3, 1, 1, 1, 1, 1, 1.5, 1])[0]
    others = rng.sample([k for k in TOOLS if k != kind and not (kind in SUMS and k in SUMS)], rng.choices([0, 1, 2], [5, 3, 1])[0])
    tool, renamed = schema(rng, kind)
    tools = [tool] + [schema(rng, other)[0] for other in others]
    rng.shuffle(tools)
    style = rng.random()
    if style < 0.15:
        talk = rng.choice([product, facts, smalltalk, smalltalk]).draw(rng)
        talk.tools, talk.category = tools, "tools, none needed"
        return talk
    question, arguments, result, answer, words = TOOLS[kind][2](rng)
    arguments = {renamed[key]: value for key, value in arguments.items()}
    if "unit" in tool["function"]["parameters"]["properties"] and rng.random() < 0.6:
        arguments["unit"] = rng.choice(UNITS)
        question = question.rstrip("?.") + " in " + arguments["unit"] + rng.choice(["?", ".", ""])
    call = {"type": "function", "function": {"name": tool["function"]["name"], "arguments": arguments}}
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": "", "tool_calls": [call]}]
    if style < 0.6:
        return Talk("tool call", messages, {"tool": call["function"]}, tools)
    content = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, separators=rng.choice([(", ", ": "), (",", ":")]))
    messages += [{"role": "tool", "content": content}, {"role": "assistant", "content": answer}]
    return Talk("tool result", messages, {"words": words}, tools if rng.random() < 0.9 else None)
