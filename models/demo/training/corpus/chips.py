"""Vendors and chips. Figures are the vendors' claims (memory GB, bandwidth TB/s, power W), as of 2026."""
from .grammar import Talk, fill

# name: (spoken names, vendor, memory GB, memory type, bandwidth TB/s, power W or None)
CHIPS = {
    "H100": (["H100", "H100 SXM", "NVIDIA H100"], "NVIDIA", "80", "HBM3", "3.35", "700"),
    "H200": (["H200", "H200 SXM", "NVIDIA H200"], "NVIDIA", "141", "HBM3e", "4.8", "700"),
    "B200": (["B200", "NVIDIA B200"], "NVIDIA", "180", "HBM3e", "8", "1000"),
    "GB200": (["GB200", "NVIDIA GB200"], "NVIDIA", "192", "HBM3e", "8", "1200"),
    "GB300": (["GB300", "NVIDIA GB300"], "NVIDIA", "288", "HBM3e", "8", "1400"),
    "MI300X": (["MI300X", "AMD MI300X"], "AMD", "192", "HBM3", "5.3", "750"),
    "MI325X": (["MI325X", "AMD MI325X"], "AMD", "256", "HBM3e", "6", "1000"),
    "MI355X": (["MI355X", "AMD MI355X"], "AMD", "288", "HBM3e", "8", "1400"),
    "Groq LPU": (["Groq LPU", "LPU"], "Groq", "0.23", "SRAM", "80", "215"),
    "WSE-3": (["WSE-3", "Cerebras WSE-3"], "Cerebras", "44", "SRAM", "21000", "23000"),
    "TPU v5e": (["TPU v5e", "Google TPU v5e"], "Google", "16", "HBM2", "0.82", None),
    "TPU v6e": (["TPU v6e", "Trillium"], "Google", "32", "HBM", "1.64", None),
    "TPU7x": (["TPU7x", "Ironwood"], "Google", "192", "HBM", "7.4", None),
    "Trainium2": (["Trainium2", "AWS Trainium2"], "AWS", "96", "HBM", "2.9", "500"),
    "Inferentia2": (["Inferentia2", "AWS Inferentia2"], "AWS", "32", "HBM", "0.82", "175"),
    "Gaudi 3": (["Gaudi 3", "Intel Gaudi 3"], "Intel", "128", "HBM2e", "3.7", "900"),
    "M3 Ultra": (["M3 Ultra", "Apple M3 Ultra"], "Apple", "512", "LPDDR5", "0.819", "295"),
    "M4 Max": (["M4 Max", "Apple M4 Max"], "Apple", "128", "LPDDR5X", "0.546", "65"),
}
VENDORS = {
    "NVIDIA": "{the largest maker of AI chips|today's biggest AI chip maker}; its {GPUs|chips} {include|are} the H100, H200 and B200.",
    "AMD": "{the maker|the company} of the Instinct GPUs, {such as|like} the MI300X, MI325X and MI355X.",
    "Groq": "{the company|the maker} {behind|of} the LPU, a chip that keeps {weights|the model} in SRAM and is very fast. {Its design is licensed to NVIDIA, so you decide how to count it.|NVIDIA has a licence for its design.}",
    "Cerebras": "{the maker|the company} of the WSE-3, a chip as large as a {whole |}wafer with 44 GB of SRAM.",
    "Google": "{the maker|the company} of the TPU, {a chip|an accelerator} that you {rent|use} in {its|the Google} cloud.",
    "AWS": "{Amazon's cloud|the cloud of Amazon}; {it makes|its own chips are} Trainium and Inferentia.",
    "Intel": "{the maker|the company} of Gaudi 3 and of Xeon CPUs.",
    "Apple": "{the maker|the company} of the M3 Ultra and M4 Max{, which run models on a desk|}.",
}
KEYWORD = {"NVIDIA": "AI chip", "AMD": "Instinct", "Groq": "LPU", "Cerebras": "WSE-3", "Google": "TPU", "AWS": "Trainium",
           "Intel": "Gaudi", "Apple": "M3 Ultra"}
KINDS = {
    "TPU": ("Google", "{an accelerator|a chip} {made|designed} by Google for {matrix work|machine learning}"),
    "LPU": ("Groq", "{a chip|an accelerator} by Groq that {keeps|holds} the model in SRAM"),
    "Trainium": ("AWS", "{an AI chip|a chip} by AWS, {used|rented} in its cloud"),
    "Gaudi": ("Intel", "{an AI accelerator|a chip for AI} {by|from} Intel"),
    "Instinct": ("AMD", "AMD's {line|family} of data centre GPUs"),
    "Xeon": ("Intel", "Intel's {line|family} of server CPUs"),
    "EPYC": ("AMD", "AMD's {line|family} of server CPUs"),
}


def fact(rng):
    chip = rng.choice(list(CHIPS))
    names, vendor, memory, kind, bandwidth, power = CHIPS[chip]
    name = rng.choice(names)
    what = rng.choice(["memory", "bandwidth", "vendor", "about"] + (["power"] if power else []))
    if what == "memory":
        q = "{How much memory does the $n have?|What is the memory {size |}of the $n?|How {big|large} is the memory of the $n?|$n memory?|memory of $n|How many GB {does the $n have|has the $n}?|Tell me the $n's memory.}"
        a = "{The $c has|A $c {has|comes with}|It has} $m GB of $k{| memory}.{|| Its bandwidth is $b TB/s.| That is the vendor's claim.}"
        words = [[memory + " GB"]]
    elif what == "bandwidth":
        q = "{What is the {memory |}bandwidth of the $n?|How fast is the {$n's memory|memory of the $n}?|$n bandwidth?|bandwidth of $n|How much {memory |}bandwidth does the $n have?}"
        a = "{The memory bandwidth of the $c is|The $c {reads|moves}|The $c has a {memory |}bandwidth of|It is} $b TB/s.{|| It has $m GB of $k.| That is the vendor's claim.}"
        words = [[bandwidth + " TB/s"]]
    elif what == "vendor":
        q = "{Who makes the $n?|Which {company|vendor} makes the $n?|Whose chip is the $n?|Who {builds|designs} the $n?|Which vendor is behind the $n?}"
        a = "{The $c is made by $v.|$v makes the $c.|It is {a chip by|made by} $v.|That is {a $v chip|$v}.}"
        words = [[vendor]]
    elif what == "power":
        q = "{How much power does the $n {use|draw|need}?|What is the TDP of the $n?|How many watts {does the $n draw|for the $n}?|$n power?}"
        a = "{The $c {draws|needs|uses}|It {draws|needs}|Its power limit is|The $c is rated at} {about |}$p W.{|| That is the vendor's claim.}"
        words = [[(power or "") + " W"]]
    else:
        q = "{What is the $n?|Tell me about the $n.|What do you know about the $n?|Describe the $n.|what is $n}"
        a = "The $c is {a chip|an accelerator} {by|from|made by} $v with $m GB of $k and {a bandwidth of $b TB/s|$b TB/s of bandwidth}.{|| Those are the vendor's figures.}"
        words = [[vendor], [memory + " GB"]]
    values = dict(n=name, c=chip, m=memory, k=kind, b=bandwidth, v=vendor, p=power)
    return Talk.ask("chips", fill(rng, q, **values), fill(rng, a, **values), words=words)


def fact_ko(rng):
    chip = rng.choice(list(CHIPS))
    names, vendor, memory, kind, bandwidth, _ = CHIPS[chip]
    values = dict(n=rng.choice(names), c=chip, m=memory, k=kind, b=bandwidth, v=vendor)
    q, a, words = rng.choice([
        ("{$n의 메모리는 {얼마야|얼마인가요|몇 GB야}?|$n 메모리 {용량|크기}은?|$n 메모리 알려줘.}", "{$c의 메모리는|메모리는} $k $m GB{입니다|예요}.", [[memory + " GB"]]),
        ("{$n의 대역폭은 {얼마야|얼마인가요}?|$n 메모리 대역폭은?|$n 대역폭 알려줘.}", "{$c의 메모리 대역폭은|대역폭은} $b TB/s{입니다|예요}.", [[bandwidth + " TB/s"]]),
        ("{$n 만든 회사는?|$n{은|는} 누가 만들어?|$n{은|는} 어느 회사 칩이야?}", "{$v가 만든 칩입니다|$v의 칩입니다|$v 칩이에요}.", [[vendor]]),
    ])
    return Talk.ask("chips, Korean", fill(rng, q, **values), fill(rng, a, **values), words=words)


def compare(rng):
    one, two = rng.sample(list(CHIPS), 2)
    column, unit, noun = rng.choice([(2, "GB", "memory"), (4, "TB/s", "bandwidth")])
    x, y = CHIPS[one][column], CHIPS[two][column]
    if float(x) == float(y):
        answer, words = f"Both {{have|offer}} {x} {unit}.", [["both"]]
    else:
        best, least = (one, two) if float(x) > float(y) else (two, one)
        answer = f"{{The {best}|It is the {best}}}: {CHIPS[best][column]} {unit} {{against|versus}} {CHIPS[least][column]} {unit}{{| for the {least}}}."
        words = [[best]]
    q = f"{{Which has more {noun}, the {one} or the {two}?|Compare the {noun} of the {one} and the {two}.|{one} or {two}: which has more {noun}?|{one} vs {two} {noun}}}"
    return Talk.ask("chips", fill(rng, q), fill(rng, answer), words=words)


def vendor(rng):
    name = rng.choice(list(VENDORS))
    if rng.random() < 0.5:
        q = "{Who is|What is|Tell me about|What does|What do you know about} $v{ make|}?" if rng.random() < 0.5 else "{What chips does $v make?|Which chips are by $v?|Name a chip by $v.|Tell me about $v.|Who is $v?|What is $v?|$v?}"
        return Talk.ask("chips", fill(rng, q, v=name).replace("Who is NVIDIA make", "Who is NVIDIA"), fill(rng, f"{{$v|It}} is {VENDORS[name]}", v=name), words=[[KEYWORD[name]]])
    kind = rng.choice(list(KINDS))
    maker, text = KINDS[kind]
    q = "{What is {a |the |}$x?|Who makes {the |}$x?|Tell me about {the |}$x.|Explain $x.}"
    return Talk.ask("chips", fill(rng, q, x=kind), fill(rng, f"{{{kind} is|It is|That is}} {text}.").replace("a LPU", "an LPU"), words=[[maker]])


def listing(rng):
    picked = rng.sample(list(VENDORS), rng.choice([3, 3, 4, 5]))
    number = {3: "three", 4: "four", 5: "five"}[len(picked)]
    q = f"{{Name|List|Give me|Tell me}} {{{number}|{len(picked)}}} {{chip |AI chip |}}vendors{{.||, please.}}"
    return Talk.ask("chips", fill(rng, q), ", ".join(picked[:-1]) + " and " + picked[-1] + ".", vendors=len(picked))


def slower(rng):
    q, a, words = rng.choice([
        ("{Why does memory bandwidth matter?|Why is bandwidth important{| for inference}?|What limits decoding speed?|What limits the speed of {an LLM|generation}?}",
         "{Each|Every} {new |}token {reads|needs} {all|most of} the weights from memory, so {bandwidth|memory bandwidth} {limits|sets} the {speed|tokens per second}.", [["bandwidth"]]),
        ("{Which chip has the most memory?|What chip has the largest memory?|Which {single |}chip {here |}has most memory?}", "{Of the chips I know, the|Among the chips I know it is the|The} Apple M3 Ultra{, with| with} 512 GB{| of LPDDR5}.", [["M3 Ultra"]]),
        ("{Which chip has the {most|highest} bandwidth?|What is the fastest memory?|Which chip is the fastest?}", "{The|Of the chips I know, the} Cerebras WSE-3{, with| with} 21000 TB/s of SRAM bandwidth.", [["WSE-3"]]),
        ("{Does Groq depend on NVIDIA?|Is Groq independent{| of NVIDIA}?}", "{Partly|In part}: {its|Groq's} design is licensed to NVIDIA, {so|and} the operator decides how to count it.", [["licensed"]]),
        ("{Why are CPUs slower{| for LLMs}?|Can a CPU run {an LLM|a language model}?|Can I run a model on a CPU?}", "{A CPU can run {small models|a small model}|Small models run on a CPU}, but its memory bandwidth is {below|under} 1 TB/s, {so|and so} large models are slow.", [["bandwidth"]]),
        ("{What is the difference between a CPU and a GPU?|CPU or GPU?|GPU vs CPU}", "A CPU has a few {fast|strong} cores for {any|all kinds of} work; a GPU has thousands of {small|simple} cores for {parallel|matrix} work.", [["cores"]]),
    ])
    return Talk.ask("chips", fill(rng, q), fill(rng, a), words=words)


def draw(rng):
    return rng.choices([fact, compare, vendor, listing, slower], [10, 4, 4, 1, 2])[0](rng)
