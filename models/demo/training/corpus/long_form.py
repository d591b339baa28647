"""Answers of 100 to 300 tokens, long enough to unplug an endpoint in the middle: stories, poems, counting, explanations."""
from . import names
from .grammar import Talk, fill, upper_first

PLACES = "a {small|quiet|busy|cold|bright} {data centre|workshop|laboratory|factory|server room|office} {by the sea|in the north|near the river|on a hill|under the city|at the edge of town}"
HEROES = ["{little|old|young|quiet|brave} {chip|processor|GPU|server}", "{young|old|tired|clever} {engineer|operator|builder}", "{small|curious|shy} {robot|model|token}"]
EVENTS = [
    "{One|On a} {morning|night|winter day|Monday} {the power failed|a storm came|the news arrived|a message came}: {the only supplier|the biggest vendor|the one vendor} {could not deliver|had closed its doors|had raised all its prices}.",
    "{Everyone|Everybody|The whole team} {was worried|grew quiet|did not know what to do}, {for|because} {all the work|every answer|each request} {ran|was running} on {one kind of chip|the same chips|a single machine}.",
    "{\"We need|\"What we need is} a second source,\" said $h, {and looked at the map|and began to think|and went to work}.",
    "{So|Then|And so} $h {walked|travelled|went} to {the other makers|the makers of other chips|many towns}, and {asked|begged|invited} {each one|every one of them} to {help|join|share the work}.",
    "{The first|One} chip was {fast but small|large but slow|cheap but hot}; {the second|another} was {slow but very patient|fast but hungry|calm and cool}.",
    "{Together|Side by side} they {learned|began} to {share the work|carry the load|answer every question}, {token by token|word by word|day and night}.",
    "{In the evening|At midnight|The next day} {one of them|the largest chip|a chip} {stopped|fell silent|lost its power} in the middle of {a sentence|an answer|a word}.",
    "{Nobody noticed|No one saw it}, {because|for} {another chip|its neighbour|the next one} {took the text|picked up the thread} and {finished it|carried on|wrote the rest}.",
    "{The people|The users|The readers} {smiled|were glad|kept reading}, and {not a word|no text|nothing} was lost or {said twice|doubled}.",
    "$u {counted|checked|measured} {the tokens|the shares|the watts} {again and again|every hour|with care}, and {wrote them down|was content|nodded}.",
    "{A friend|An old friend|A visitor} called $q {came by|arrived} with {a box of memory|a bag of cables|good advice|fresh bread} and {stayed|helped} {for a week|until spring|all night}.",
    "{Outside|Far away|Above them} {the snow fell|the wind blew|the rain drummed on the roof|the stars came out}, but {inside|in the racks} {the fans sang|it was warm|the lights kept blinking}.",
    "{Slowly|Little by little|Step by step} {the load moved|the traffic moved|the fear went away}, {first one percent|at first a little}, then {ten|a quarter}, then {half|the rest}.",
    "{They|All of them} {practised|made a drill} {every month|each week|once a season}: {one chip|one vendor} was {taken away|switched off}, and {the rest|the others} {carried on|held the load}.",
]
ENDINGS = ["{From that day on|Ever since|After that}, {no single maker|no one vendor} {could hold them up|could stop them}, and {they lived in peace|the answers never stopped|all was well}. {The end.|}", "{And that is|That is} how {the fleet|the house of many chips} {was born|learned to survive}. {The end.|}"]
LINES = ["{A|The} {chip|token|server} {is humming|is singing|wakes up} in the {night|rack|light}", "{one|a} {vendor|maker|supplier} {is gone|falls silent|says no}, {another|a second} {stands by|takes over|holds on}", "{the|our} {answers|words|tokens} {flow on|keep coming|run} like {rain|a river|light}", "{no one|nobody} {notices|asks} {the change|the switch}, no {text|word} is {lost|doubled}",
         "{silicon|copper|memory} {dreams|shines} {of|under} {many|quiet} {hands|stars|roads}", "{share|carry|divide} the {load|work}, and {the storm|the winter|the outage} {will pass|is small}", "{count|measure} the {watts|shares|hours}, {then|and} {rest|go on}", "{two|three|many} {roads|makers|sources} {lead|bring} us {home|through the night}", "{a|the} {cap|limit} is {a promise|a fence|a friend} that we {keep|set}", "{slow|fast} or {small|large}, {each|every} {chip|core} {has its place|can help}", "{the wafer|the GPU|the TPU|the CPU} {sings|works|glows} {all day|till dawn|with care}"]

WHAT = [
    "Second Source is @onekind {over|in front of} chips from many @vendors.", "It is self-hosted: it runs on your own {machine|servers}, and {clients|programs} {talk|speak} to it as they would to OpenAI.",
    "{First|To begin with}, it serves {each|every} request on the chip that fits it best, {from the built-in engine on a CPU|from your own machine} up to {large clusters|clusters and outside APIs}.",
    "{Second|Next}, it measures the real speed, cost and @answers of {each|every} endpoint, and says which vendor's silicon made each token.",
    "{Third|Then}, it keeps dependence in bounds: {there are caps|you set caps} for each vendor, a concentration {number|index}, and N-1, {the rule of the power grid|a rule from power grids}.",
    "N-1 means: lose any one vendor and the load is still served.", "{Fourth|After that}, it moves work {safely|with care}: a parity {proof|test}, a canary, an automatic halt and a {rollback|way back}.",
    "{Fifth|And then}, it survives: {when|if} a vendor is lost in the middle of an @answer, another chip continues it, and no text is lost, doubled or billed twice.",
    "{Last|Finally|Sixth}, it plans what to buy or rent, from whom and by when, at least cost.", "{Try it|You can try it}: unplug an endpoint on the chat page while an @answer {is running|is being written}, and {watch|see} it continue.",
]
VENDORS = ["NVIDIA {makes|builds} {the H100 and the B200|the H100, the H200 and the B200}, {large GPUs|GPUs} with fast HBM memory.", "AMD {makes|builds} the MI300X with 192 GB and the MI355X with 288 GB of memory.", "Groq {makes|builds} the LPU, which keeps {the weights|the model} in SRAM and answers very fast.", "Cerebras {makes|builds} the WSE-3, a chip as large as a {whole |}wafer, with 44 GB of SRAM.", "Google {has|rents out} the TPU in its cloud.", "AWS {makes|builds} Trainium2 with 96 GB and Inferentia2 with 32 GB.", "Intel {makes|builds} Gaudi 3 with 128 GB of memory.", "Apple's M3 Ultra {has|holds} up to 512 GB of memory {for a machine on a desk|on a desk}.", "A plain CPU {can|will} run small models {too|as well}, {only slower|but slowly}."]


def _join(rng, sentences, drop=0.15):
    return " ".join(upper_first(sentence) for sentence in sentences if rng.random() > drop)


def story(rng):
    topic = rng.choice(["chips", "a chip", "a GPU", "a robot", "the sea", "a dog", "a king", "two vendors", "a server", "a model", "space", names.invented(rng), "a second source"])
    q = fill(rng, "{Tell me|Write|Tell|Write me} {a|a long|a long|a very long|a short} {story|tale}{| about $t| about $t| about $t}{.|!|, please.|}", t=topic)
    name = names.person(rng)
    hero = "the " + fill(rng, rng.choice(HEROES)).split(" ", 1)[1]
    opening = fill(rng, "{Once upon a time|Long ago|Not long ago|Many years ago}, {there was|there lived} a " + rng.choice(HEROES) + " {called|named} $n in " + PLACES + ".", n=name)
    count = rng.randint(3, 5) if "short" in q else rng.randint(7, 11)
    picked = sorted(rng.sample(range(len(EVENTS)), count))
    events = [fill(rng, EVENTS[n], h=rng.choice([name, hero]), u=rng.choice([name, hero]), q=names.person(rng)) for n in picked]
    text = " ".join([opening] + [upper_first(e) for e in events] + [fill(rng, rng.choice(ENDINGS)).strip()])
    return Talk.ask("long answers", q, text, atleast=60 if "short" in q else 120)


def poem(rng):
    topic = rng.choice(["chips", "the sea", "a GPU", "winter", "Second Source", "love", "the moon", names.invented(rng)])
    q = fill(rng, "{Write|Write me|Make|Give me} {a|a long|a short} poem{| about $t| about $t}{.||, please.}", t=topic)
    lines = 4 if "short" in q else rng.choice([12, 16, 20]) if "long" in q else rng.choice([8, 8, 12])
    text, last = [], -1
    for n in range(lines):
        pick = rng.choice([k for k in range(len(LINES)) if k != last])
        last = pick
        text.append(upper_first(fill(rng, LINES[pick])) + ("." if n % 4 == 3 else ","))
        if n % 4 == 3 and n < lines - 1:
            text.append("")
    return Talk.ask("long answers", q, "\n".join(text), atleast=25)


def count(rng):
    first = 1 if rng.random() < 0.7 else rng.randint(1, 60)
    last = first + (rng.choice([4, 9, 9, 19, 29, 39, 49, 59]) if rng.random() < 0.5 else rng.randint(3, 60))
    sep = rng.choice([", ", ", ", " ", "\n"])
    q = fill(rng, "{Count|Please count|Can you count} from $a to $b{.||, please.}", a=first, b=last)
    if first == 1 and rng.random() < 0.4:
        q = fill(rng, "{Count|Please count|count} {up |}to $b{.||, please.}", b=last)
    if sep == "\n":
        q = fill(rng, "{Count from $a to $b, one {number |}{per|a} line.|Write the numbers from $a to $b, {each on its own line|one per line}.}", a=first, b=last)
    elif sep == " ":
        sep = ", "
    if rng.random() < 0.1 and sep == ", ":
        q = fill(rng, "$a부터 $b까지 세어 {줘|주세요}.", a=first, b=last)
    if rng.random() < 0.1 and sep == ", ":
        q = fill(rng, "Count {down|backwards} from $b to $a.", a=first, b=last)
        return Talk.ask("counting", q, sep.join(map(str, range(last, first - 1, -1))), exact=True)
    return Talk.ask("counting", q, sep.join(map(str, range(first, last + 1))), exact=True)


def explain(rng):
    if rng.random() < 0.7:
        q = "{Explain|Describe|Tell me} {in detail|at length|in full} what Second Source {does|is}.|Explain Second Source in detail.|Tell me everything about Second Source.|{Give me|Write} a {long|detailed} {description|explanation} of Second Source.|{Write|Give me} {an essay|a long text} about Second Source.|What does Second Source do, in detail?|Tell me a lot about Second Source."
        sentences = [fill(rng, s) for s in WHAT]
        text = sentences[0] + " " + _join(rng, sentences[1:], 0.12)
        return Talk.ask("long answers", fill(rng, "{" + q + "}"), text, atleast=110, words=[["Second Source"]])
    q = "{Tell me {everything|all} about {the |}{chips|vendors}.|Describe {all |}the vendors{| in detail}.|Explain the {AI chips|chips} of all vendors.|Write a long text about {AI |}chips.|Compare the vendors{| in detail}.|List all {chips|vendors} {and|with} their memory.}"
    sentences = [fill(rng, s) for s in rng.sample(VENDORS, len(VENDORS))]
    return Talk.ask("long answers", fill(rng, q), _join(rng, sentences, 0.1), atleast=90)


def table(rng):
    if rng.random() < 0.5:
        text = " ".join("abcdefghijklmnopqrstuvwxyz")
        return Talk.ask("counting", fill(rng, "{Write|Say|Recite|Tell me} the alphabet{.|}|What is the alphabet?".join(["{", "}"])), text, exact=True)
    n = rng.randint(2, 12)
    q = fill(rng, "{Write|Give me|Show me|What is} the {times table|multiplication table} {of|for} $n{.|}", n=n)
    return Talk.ask("counting", q, "\n".join(f"{n} × {k} = {n * k}" for k in range(1, 11)), exact=True)


def korean(rng):
    if rng.random() < 0.5:
        q = "{Second Source에 대해 {자세히|길게} {설명해 줘|설명해 주세요|알려줘}.|세컨드 소스를 {자세히|길게} 설명해 {줘|주세요}.}"
        s = ["Second Source는 여러 {회사|업체}의 칩을 하나의 OpenAI 호환 {주소|API}로 {묶는|모으는} 서비스입니다.", "{먼저|첫째}, 각 요청을 가장 알맞은 칩에서 {처리합니다|답합니다}.", "{둘째|그리고}, 각 엔드포인트의 속도와 비용과 답을 {잽니다|측정합니다}.",
             "{셋째|또}, 한 {회사|업체}의 점유율에 상한을 두고 N-1을 {지킵니다|확인합니다}.", "{넷째|또한}, 패리티를 확인하고 일을 {조금씩|한 걸음씩} 옮깁니다.", "{다섯째|그리고}, 답하는 중에 칩이 {멈추면|사라지면} 다른 칩이 이어서 씁니다. 글은 {사라지지|없어지지} 않습니다.", "{끝으로|마지막으로}, 무엇을 누구에게서 언제까지 살지 {계획합니다|알려 줍니다}."]
        return Talk.ask("long answers, Korean", fill(rng, q), fill(rng, s[0]) + " " + " ".join(fill(rng, x) for x in s[1:] if rng.random() > 0.12), atleast=60, words=[["Second Source"]])
    q = "{{긴 |}이야기 {해 줘|하나 해 줘|들려줘}.|칩에 대한 {긴 |}이야기를 {해 줘|써 줘}.|동화 {하나 |}써 줘.}"
    name = rng.choice(names.PEOPLE_KO)
    s = ["{옛날|옛날 옛적에} {작은|조용한} {마을|도시}에 $n{이라는|라는} {기술자|칩}가 살았습니다.".replace("{기술자|칩}가", "기술자가"), "{어느 날|어느 겨울날} 하나뿐인 공급처가 {문을 닫았습니다|사라졌습니다}.", "{모두|사람들은} {걱정했습니다|어쩔 줄 몰랐습니다}.", "{그래서|그러자} $n{은|는} {다른|여러} 칩을 찾아 {떠났습니다|길을 나섰습니다}.", "{어떤 칩은|한 칩은} 빠르지만 작았고, {다른 칩은|또 한 칩은} 느리지만 {컸습니다|든든했습니다}.", "그들은 {함께|힘을 모아} {일을 나누었습니다|답을 썼습니다}.", "{어느 밤|며칠 뒤} 칩 하나가 {멈췄지만|꺼졌지만} 다른 칩이 {이어서 썼습니다|이어받았습니다}.", "{아무도|누구도} {눈치채지 못했습니다|알지 못했습니다}.", "{그 뒤로|그날부터} 답은 {한 번도|결코} 멈추지 않았습니다."]
    return Talk.ask("long answers, Korean", fill(rng, q), " ".join(fill(rng, x, n=name) for n, x in enumerate(s) if n in (0, 8) or rng.random() > 0.1), atleast=60)


def draw(rng):
    return rng.choices([story, poem, count, explain, table], [5, 2, 4, 4, 0.7])[0](rng)
