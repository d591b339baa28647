"""Something said earlier is asked for later, with other talk in between."""
from . import names
from .grammar import Talk, fill

# (the user says, the model answers, the user asks later, the model answers, how the value is drawn)
THINGS = [
    ("{My name is $v.|I am $v.|I'm $v.|Call me $v.|Hi, I'm $v.|Hello, my name is $v.|Hi! My name is $v.}", "{Nice to meet you, $v!|Hello, $v!|Hi $v, {good|nice} to meet you!|Hello $v! How can I help{| you}?|{Welcome|Pleased to meet you}, $v.}",
     "{What is my name?|What's my name?|Do you {remember|know} my name?|Who am I?|what is my name|Can you tell me my name?}", "{Your name is $v.|You are $v.|You told me {that |}your name is $v.|It is $v.|You said {that |}you are $v.}", names.person),
    ("{My favourite colour is $v.|My favorite color is $v.|I like the colour $v best.|I love $v{ best|}.}", "{$v is a {nice|beautiful|lovely} colour{.|!}|{I see|Good to know|Noted}: $v.|I will remember {$v|that}.}",
     "{What is my favourite colour?|What is my favorite color?|Which colour do I like{| best}?|What colour did I say?}", "{Your favourite colour is $v.|It is $v.|You said $v.|You like $v best.}", lambda rng: rng.choice(names.COLOURS)),
    ("{I live in $v.|I am from $v.|I come from $v.|My home is $v.|My city is $v.}", "{$v sounds {nice|lovely|good}{.|!}|{I see|Good to know|Noted}: $v.|I will remember {that you live in $v|that|$v}.}",
     "{Where do I live?|Where am I from?|Which city do I live in?|What is my city?|Where is my home?}", "{You live in $v.|In $v.|You are from $v.|You said $v.}", names.city),
    ("{I am $v years old.|My age is $v.|I'm $v years old.|I turned $v today.}", "{I see|Good to know|Noted}: $v{| years}.", "{How old am I?|What is my age?|What age am I?}", "{You are $v{| years old}.|You said $v.|You told me that you are $v.}", lambda rng: rng.randint(6, 95)),
    ("{I have a $v.|My pet is a $v.|At home I have a $v.}", "{A $v! How {nice|lovely}.|{I see|Good to know|Noted}: a $v.|I like {animals|pets}. A $v is {nice|a good friend}.}", "{What pet do I have?|Which pet do I have?|What is my pet?|What animal do I have?}", "{You have a $v.|A $v.|Your pet is a $v.}", lambda rng: rng.choice(names.PETS)),
    ("{I work as a $v.|My job is $v.|I am a $v by trade.}", "{I see|Good to know|Noted|Interesting}: $v.", "{What is my job?|What do I do{| for a living}?|What do I work as?}", "{You work as a $v.|You are a $v.|Your job is $v.}", lambda rng: rng.choice([job for job in names.JOBS if job[0] not in "aeiou"])),
    ("{My favourite food is $v.|I like {to eat |}$v{| best}.|I love {eating |}$v.}", "{$v {is|are} {tasty|good|a good choice}.|{I see|Good to know|Noted}: $v.}".replace("{is|are}", "sounds"), "{What is my favourite food?|What food do I like?|What do I like to eat?}", "{You like $v{| best}.|Your favourite food is $v.|It is $v.|You said $v.}", lambda rng: rng.choice(names.FOODS)),
    ("{My lucky number is $v.|Remember the number $v.|The {secret |}code is $v.|Please remember {this number: |}$v.|Keep {the number |}$v in mind.}", "{I will remember {$v|it|that}.|Noted: $v.|{OK|All right}, $v.|$v, got it.}", "{What is my {lucky |}number?|What was the number?|Which number did I {say|give you}?|What is the {secret |}code?|What did I ask you to remember?}", "{It is $v.|The number is $v.|You said $v.|The {number|code} was $v.|$v.}", lambda rng: rng.randint(2, 9999)),
    ("{Remember the word $v.|The {secret |pass|}word is $v.|Please remember {this word: |the word }$v.}", "{I will remember {$v|it|that}.|Noted: $v.|{OK|All right}: $v.|$v, got it.}", "{What was the {secret |pass|}word?|What is the {secret |pass|}word?|Which word did I {say|give you}?|What did I ask you to remember?}", "{It is $v.|The word is $v.|You said $v.|The {word|secret word} was $v.|$v.}", names.invented),
]
THINGS_KO = [
    ("{내 이름은 $v{야|입니다|이야}.|저는 $v{입니다|예요}.|제 이름은 $v{입니다|예요}.}", "{반가워요, $v님!|반갑습니다, $v님.|안녕하세요, $v님!}", "{내 이름이 {뭐야|뭐지}?|제 이름이 뭐예요?|내 이름 기억해?|제 이름은 무엇인가요?}", "{$v님입니다.|이름은 $v입니다.|$v님이라고 하셨어요.}", lambda rng: rng.choice(names.PEOPLE_KO)),
    ("{나는 $v에 {살아|살고 있어}.|저는 $v에 {살아요|삽니다}.}", "{좋은 곳이네요.|$v, 기억할게요.}", "{내가 어디에 {살아|살지}?|제가 어디에 살아요?|내가 사는 곳은?}", "{$v에 사십니다.|$v입니다.}", lambda rng: rng.choice(["서울", "부산", "대구", "인천", "제주", "광주", "대전", "수원", "도쿄", "파리"])),
]


def turns(rng, thing):
    says, hears, asks, answers, value = thing
    v = value(rng)
    cap = lambda text: text[:1].upper() + text[1:]
    return ([{"role": "user", "content": fill(rng, says, v=v)}, {"role": "assistant", "content": cap(fill(rng, hears, v=v))}],
            [{"role": "user", "content": fill(rng, asks, v=v)}, {"role": "assistant", "content": cap(fill(rng, answers, v=v))}], str(v))


def needle(rng, filler):
    """One sentence hidden in a long text; `filler(rng)` gives a sentence."""
    what, value = rng.choice([("secret code", str(rng.randint(100, 99999))), ("secret code", str(rng.randint(100, 99999))), ("magic word", names.invented(rng).lower()), ("secret word", names.invented(rng).lower()), ("password", names.invented(rng).lower() + str(rng.randint(10, 99))), ("special number", str(rng.randint(10, 9999))), ("key of " + names.person(rng), str(rng.randint(100, 9999)))])
    sentences = [filler(rng) for _ in range(rng.choice([1, 2, 4, 8, 12, 20]))]
    sentences.insert(rng.randint(0, len(sentences)), fill(rng, "{The $w is $v.|Remember: the $w is $v.|Note that the $w is $v.|Remember that the $w is $v.}", w=what, v=value))
    text = rng.choice([" ", " ", "\n"]).join(sentences)
    question = fill(rng, "{What is the $w?|What was the $w?|Tell me the $w.|What is the $w{| in the text}? Answer only with the $w.}", w=what)
    answer = fill(rng, "{The $w is $v.|The $w is $v.|$v|$v.|It is $v.}", w=what, v=value)
    if "only" in question:
        answer = value
    return Talk.ask("needle", text + rng.choice([" ", "\n", "\n\n"]) + question, answer, words=[[value]])


def draw(rng, between=lambda rng: []):
    """`between(rng)` gives a few messages of other talk."""
    if rng.random() < 0.2:  # two facts, one asked for
        first, second = rng.sample(THINGS, 2)
        say1, ask1, v1 = turns(rng, first)
        say2, ask2, v2 = turns(rng, second)
        ask, v = (ask1, v1) if rng.random() < 0.5 else (ask2, v2)
        if "did I ask you" in ask[0]["content"]:
            ask, v = ask2, v2
        return Talk("recall", say1 + say2 + between(rng) + ask, {"words": [[v]]})
    if rng.random() < 0.15:  # in one message
        say, ask, v = turns(rng, rng.choice(THINGS))
        ask[0]["content"] = say[0]["content"] + " " + ask[0]["content"]
        return Talk("recall", ask, {"words": [[v]]})
    korean = rng.random() < 0.15
    say, ask, v = turns(rng, rng.choice(THINGS_KO if korean else THINGS))
    return Talk("recall, Korean" if korean else "recall", say + between(rng) + ask, {"words": [[v]]})
