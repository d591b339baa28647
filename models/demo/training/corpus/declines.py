"""Everything else: questions outside the corpus get a graceful "I am a small demo model"."""
from . import names
from .grammar import Talk, fill, upper_first

NOUNS = """quantum physics|the French revolution|football|cricket|the stock market|bitcoin|my taxes|a divorce|cancer|headaches|cooking rice|baking bread|chess openings|the Roman empire|world war two|Shakespeare|Napoleon|Cleopatra|Einstein|Mozart|Beethoven|jazz|opera|black holes|dinosaurs|volcanoes|earthquakes|penguins|whales|beetles|orchids|roses|tea|wine|cheese|coffee beans|yoga|marathons|swimming|skiing|knitting|gardening|painting|poetry|philosophy|Kant|Buddhism|law|contracts|insurance|mortgages|inflation|politics|elections|the president|the pope|the Olympics|the World Cup|Harry Potter|Star Wars|the Beatles|Bollywood|anime|video games|Minecraft|Kubernetes|Docker|Rust|Haskell|Python decorators|regular expressions|SQL joins|CSS grids|React hooks|linear algebra|calculus|prime numbers|topology|DNA|vaccines|vitamins|sleep|dreams|the brain|robots|drones|electric cars|batteries|nuclear power|wind turbines|climate change|deserts|rivers|glaciers|maps|sailing|trains|bridges|cathedrals|pyramids|sushi|pasta|kimchi stew|ramen|pizza dough|fashion|haircuts|wedding speeches|cover letters|job interviews|salaries|retirement|pensions|travel visas|hotels|flights|passports""".split("|")
PEOPLE = "the king of Spain|the president of France|the mayor of Boston|Marie Curie|Isaac Newton|Taylor Swift|Elon Musk|the painter of the Mona Lisa|the inventor of the telephone|the first man on the moon|Bill Gates|Leonardo da Vinci|the CEO of Apple|Julius Caesar".split("|")
CODE = "a web server|a sorting function|a binary search|a Python script|a linked list|a game of snake|a parser|a regex for emails|an SQL query|a React component|a Dockerfile|a shell script|a compiler|a unit test|fizzbuzz|a hello world program|a calculator app|a todo app".split("|")
LANGS = "Python|Rust|C++|JavaScript|TypeScript|Go|Java|Haskell|Ruby|C|SQL".split("|")

QUESTIONS = [
    "How does $n work?", "Explain $n{| to me| in detail| simply}.", "What is $n?", "What do you think {about|of} $n?", "Tell me about $n.", "Who invented $n?", "Why is $n {important|so popular|difficult}?", "When did $n {begin|start|end}?",
    "Write an essay about $n.", "Give me {tips|advice} on $n.", "How do I {learn|start with|understand} $n?", "What is the history of $n?", "What are the {best|main} {books|facts|ideas} {on|about|in} $n?", "Summarise $n.", "Is $n {good|bad|dangerous|real}?", "Can you help me with $n?", "Teach me $n.", "Compare $n and $m.", "What is the difference between $n and $m?", "Which is better, $n or $m?",
    "Who is $p?", "Who was $p?", "How old is $p?", "When was $p born?", "Where does $p live?", "What did $p do?", "Tell me about $p.",
    "Write $c{| in $l}.", "{Can|Could} you write $c in $l?", "How do I write $c{| in $l}?", "Show me $c in $l.", "Debug my $l code.", "Fix this $l program.", "What is wrong with my $l code?",
    "Who won the {World Cup|election|Olympics|match|Nobel prize} in {1998|2002|2010|1966|2020|2024}?", "What happened in {1492|1789|1914|1969|2001|2008}?", "What is the population of $x?", "How far is it from $x to $y?", "Where is $x?", "What is the best restaurant in $x?", "Plan a trip to $x.", "What should I {cook|eat|wear|watch|read} {today|tonight}?", "Translate this into {French|German|Latin|Spanish}: $n", "What is the meaning of life?", "Should I {buy|sell} {stocks|a house|a car|bitcoin}?", "What will happen tomorrow?", "Predict the {future|lottery numbers}.", "How many {people|cars|trees|stars} are there{| in $x}?", "How tall is {the Eiffel tower|Mount Fuji|a giraffe|the Burj Khalifa}?", "How heavy is {an elephant|the Earth|a car}?", "What is the recipe for {pancakes|lasagne|apple pie|kimchi stew}?", "Is there a god?", "Are aliens real?", "Can I take {aspirin|ibuprofen} with {wine|milk}?", "I have a {headache|fever|cold}. What should I do?", "What is the price of {gold|oil|bitcoin|bread}?", "What is the latest news?", "What is new in {AI|tech|$x}?", "Read this page: http://example.com/$w", "Draw {a cat|a picture|a map}.", "Sing me a song.", "Play {chess|music|a game} with me.", "Call $q.", "Order a pizza.", "$w", "$w $v", "What is a $w?", "What does $w mean?", "Who is $q?", "How do I $w a $v?", "Can you $w?", "Explain $w.", "Tell me about $w.", "Do you know $q?", "asdf", "??", "...", "lorem ipsum dolor sit amet",
]
ANSWERS = "{{I am sorry|Sorry}, {I do not know {that|about that|much about that}|that is beyond me|that I do not know}: |That is {beyond|more than} {me|what I know}: |I do not know {that|enough about that}: |I {can't|cannot} {say|answer that|help with that}: |Good question, but }{I am {only |just |}a {very |}small demo model|I am the {small |tiny |}demo model of Second Source}{.| and know {only a few things|little beyond Second Source and chips}.} {Ask me {about Second Source|about chips|something small|a capital or a small sum|about vendors and chips}{| instead}.|{Connect|Add|Plug in} a {bigger|larger} model {for that|for such questions|to get an answer}.||}"

QUESTIONS_KO = "{$n{에 대해 알려줘.|에 대해 설명해 줘.|은 뭐야?| 추천해 줘.| 방법을 알려줘.}|{오늘|내일} 날씨 어때?|{맛있는|좋은} 식당 추천해 줘.|파이썬 코드 {짜 줘|써 줘}.|대통령이 누구야?|오늘 뉴스 알려줘.|주식 {살까|팔까}?|시를 써 줘.|여행 계획 짜 줘.|{이 글|이 문장} 번역해 줘.|인생의 의미가 뭐야?|축구 {누가|어디가} 이겼어?|{저녁|점심} 뭐 먹지?|몸이 아파.}"
NOUNS_KO = "역사|철학|축구|야구|요리|김치찌개|부동산|주식|양자역학|한국 전쟁|영화|드라마|음악|피아노|영어 공부|운동|다이어트|여행|제주도 여행|프로그래밍|파이썬|수학|미적분|우주|공룡|화산|강아지|고양이 키우기|결혼식|면접|세금|보험".split("|")
ANSWERS_KO = "{죄송하지만|미안하지만} {잘 모르겠습니다|그건 모릅니다|제가 아는 범위를 벗어납니다}. 저는 {작은|아주 작은} 데모 모델입니다. {Second Source나 칩에 대해 물어보세요.|더 큰 모델을 연결해 보세요.|}"


def draw(rng):
    n, m = rng.sample(NOUNS, 2)
    values = dict(n=n, m=m, p=rng.choice(PEOPLE), c=rng.choice(CODE), l=rng.choice(LANGS), x=names.city(rng), y=names.city(rng), q=names.person(rng), w=names.invented(rng).lower(), v=names.invented(rng).lower())
    return Talk.ask("declines", upper_first(fill(rng, rng.choice(QUESTIONS), **values)), fill(rng, ANSWERS), words=[["demo model"]])


def draw_ko(rng):
    return Talk.ask("declines, Korean", fill(rng, QUESTIONS_KO, n=rng.choice(NOUNS_KO)), fill(rng, ANSWERS_KO).strip(), words=[["데모 모델"]])
