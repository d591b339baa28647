"""Plain lists of well-known facts, so that facts.py only has to phrase them."""

# country: (capital, Korean country, Korean capital)
CAPITALS = {
    "France": ("Paris", "프랑스", "파리"), "Germany": ("Berlin", "독일", "베를린"), "Italy": ("Rome", "이탈리아", "로마"),
    "Spain": ("Madrid", "스페인", "마드리드"), "Portugal": ("Lisbon", "포르투갈", "리스본"), "the United Kingdom": ("London", "영국", "런던"),
    "Ireland": ("Dublin", "아일랜드", "더블린"), "the Netherlands": ("Amsterdam", "네덜란드", "암스테르담"), "Belgium": ("Brussels", "벨기에", "브뤼셀"),
    "Switzerland": ("Bern", "스위스", "베른"), "Austria": ("Vienna", "오스트리아", "빈"), "Poland": ("Warsaw", "폴란드", "바르샤바"),
    "Sweden": ("Stockholm", "스웨덴", "스톡홀름"), "Norway": ("Oslo", "노르웨이", "오슬로"), "Denmark": ("Copenhagen", "덴마크", "코펜하겐"),
    "Finland": ("Helsinki", "핀란드", "헬싱키"), "Greece": ("Athens", "그리스", "아테네"), "Hungary": ("Budapest", "헝가리", "부다페스트"),
    "Turkey": ("Ankara", "튀르키예", "앙카라"), "Russia": ("Moscow", "러시아", "모스크바"), "Ukraine": ("Kyiv", "우크라이나", "키이우"),
    "South Korea": ("Seoul", "한국", "서울"), "Japan": ("Tokyo", "일본", "도쿄"), "China": ("Beijing", "중국", "베이징"),
    "India": ("New Delhi", "인도", "뉴델리"), "Thailand": ("Bangkok", "태국", "방콕"), "Vietnam": ("Hanoi", "베트남", "하노이"),
    "Indonesia": ("Jakarta", "인도네시아", "자카르타"), "the Philippines": ("Manila", "필리핀", "마닐라"), "Mongolia": ("Ulaanbaatar", "몽골", "울란바토르"),
    "Egypt": ("Cairo", "이집트", "카이로"), "Kenya": ("Nairobi", "케냐", "나이로비"), "Canada": ("Ottawa", "캐나다", "오타와"),
    "the United States": ("Washington, D.C.", "미국", "워싱턴"), "Mexico": ("Mexico City", "멕시코", "멕시코시티"), "Brazil": ("Brasília", "브라질", "브라질리아"),
    "Argentina": ("Buenos Aires", "아르헨티나", "부에노스아이레스"), "Chile": ("Santiago", "칠레", "산티아고"), "Peru": ("Lima", "페루", "리마"),
    "Australia": ("Canberra", "호주", "캔버라"), "New Zealand": ("Wellington", "뉴질랜드", "웰링턴"), "Iceland": ("Reykjavik", "아이슬란드", "레이캬비크"),
    "Czechia": ("Prague", "체코", "프라하"), "Israel": ("Jerusalem", "이스라엘", "예루살렘"), "Singapore": ("Singapore", "싱가포르", "싱가포르"),
}
PLANETS = ["Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune"]
PLANETS_KO = ["수성", "금성", "지구", "화성", "목성", "토성", "천왕성", "해왕성"]
ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
DAYS_KO = ["월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"]
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
COLOURS_OF = {"the sky": "blue", "grass": "green", "snow": "white", "a banana": "yellow", "blood": "red", "coal": "black",
              "a carrot": "orange", "a lemon": "yellow", "a tomato": "red", "the sun": "yellow", "a strawberry": "red", "milk": "white", "chocolate": "brown"}
MIXES = {("red", "blue"): "purple", ("red", "yellow"): "orange", ("blue", "yellow"): "green", ("red", "white"): "pink", ("black", "white"): "grey"}
OPPOSITES = {"hot": "cold", "big": "small", "fast": "slow", "up": "down", "open": "closed", "day": "night", "black": "white", "early": "late",
             "old": "new", "high": "low", "left": "right", "hard": "soft", "full": "empty", "rich": "poor", "light": "dark", "long": "short", "happy": "sad", "strong": "weak"}
SOUNDS = {"dog": "barks", "cat": "meows", "cow": "moos", "duck": "quacks", "sheep": "bleats", "lion": "roars", "horse": "neighs", "frog": "croaks"}
LEGS = {"dog": "four", "cat": "four", "spider": "eight", "bird": "two", "insect": "six", "horse": "four", "human": "two", "snake": "no", "bee": "six", "octopus": "no"}
WORDS_KO = {"hello": "안녕하세요", "thank you": "감사합니다", "water": "물", "chip": "칩", "computer": "컴퓨터", "love": "사랑", "friend": "친구", "book": "책", "school": "학교",
            "coffee": "커피", "sky": "하늘", "sea": "바다", "mountain": "산", "dog": "개", "cat": "고양이", "time": "시간", "today": "오늘", "tomorrow": "내일", "good morning": "좋은 아침", "goodbye": "안녕히 가세요"}
CURRENCIES = {"Japan": "yen", "South Korea": "won", "the United States": "US dollar", "the United Kingdom": "pound", "China": "yuan", "Germany": "euro", "France": "euro",
              "India": "rupee", "Switzerland": "Swiss franc", "Brazil": "real", "Mexico": "peso", "Canada": "Canadian dollar", "Australia": "Australian dollar"}
CONTINENTS = {"France": "Europe", "Germany": "Europe", "Japan": "Asia", "South Korea": "Asia", "China": "Asia", "India": "Asia", "Egypt": "Africa", "Kenya": "Africa",
              "Brazil": "South America", "Peru": "South America", "Canada": "North America", "Mexico": "North America", "Spain": "Europe", "Italy": "Europe", "Vietnam": "Asia", "Chile": "South America"}

# (question, answer, words): general knowledge in one sentence
SIMPLE = [
    ("What is water made of?|What is the formula of water?", "{Water is made of|It is made of|Water is} hydrogen and oxygen: H2O.", ["hydrogen"]),
    ("At what temperature does water {boil|boil in Celsius}?|When does water boil?", "{Water boils|It boils} at 100 degrees Celsius{| at sea level}.", ["100"]),
    ("At what temperature does water freeze?|When does water freeze?", "{Water freezes|It freezes} at 0 degrees Celsius.", ["0 degrees"]),
    ("Why is the sky blue?", "{Because air|Air} scatters blue light more than red light.", ["scatters"]),
    ("What is the largest planet?|Which planet is the {largest|biggest}?", "{The largest planet is Jupiter|Jupiter is the largest planet|It is Jupiter}.", ["Jupiter"]),
    ("What is the smallest planet?|Which planet is the smallest?", "{The smallest planet is Mercury|Mercury is the smallest planet|It is Mercury}.", ["Mercury"]),
    ("Which planet has {big |}rings?|What planet is known for its rings?", "{Saturn has large rings|It is Saturn|Saturn}.", ["Saturn"]),
    ("Which planet is called the red planet?|What is the red planet?", "{Mars is called the red planet|It is Mars|The red planet is Mars}.", ["Mars"]),
    ("How many planets are there{| in the solar system}?|How many planets are in the solar system?", "There are eight planets{| in the solar system}.", ["eight"]),
    ("How many days are {in a week|there in a week}?", "{A week has|There are} seven days{| in a week}.", ["seven"]),
    ("How many months are {in a year|there in a year}?", "{A year has|There are} twelve months.", ["twelve"]),
    ("How many hours are in a day?", "{A day has|There are} 24 hours.", ["24"]),
    ("How many minutes are in an hour?", "{An hour has|There are} 60 minutes.", ["60"]),
    ("How many seconds are in a minute?", "{A minute has|There are} 60 seconds.", ["60"]),
    ("How many days are in a year?", "{A year has|There are} 365 days, and 366 in a leap year.", ["365"]),
    ("How many continents are there?", "There are seven continents.", ["seven"]),
    ("What is the largest ocean?|Which ocean is the largest?", "{The Pacific|It is the Pacific|The largest is the Pacific}{| Ocean}.", ["Pacific"]),
    ("What is the highest mountain?|Which mountain is the highest?", "{Mount Everest|It is Mount Everest}.", ["Everest"]),
    ("What is the fastest land animal?|Which animal is the fastest?", "{The cheetah|It is the cheetah|The fastest is the cheetah}.", ["cheetah"]),
    ("What is the largest animal?|Which animal is the largest?", "{The blue whale|It is the blue whale|The largest is the blue whale}.", ["blue whale"]),
    ("What is the chemical symbol {of|for} gold?", "{Gold is Au|The symbol is Au|Au}.", ["Au"]),
    ("What is the chemical symbol {of|for} iron?", "{Iron is Fe|The symbol is Fe|Fe}.", ["Fe"]),
    ("What is the speed of light?|How fast is light?", "{Light travels|It is|It travels at} about 300,000 km per second.", ["300,000"]),
    ("What is gravity?", "{Gravity is|It is} the force that pulls {masses|things} {together|towards each other}.", ["force"]),
    ("What is an atom?", "{An atom is|It is} the smallest part of {an element|a chemical element}.", ["smallest"]),
    ("What is photosynthesis?", "{It is how plants|Plants} {use light to make|make} sugar from {light, |}water and carbon dioxide.", ["sugar"]),
    ("What {gas |}do we breathe?|What do we need to breathe?", "{We need|We breathe} oxygen{| from the air}.", ["oxygen"]),
    ("What is the moon?", "{The Moon|It} is Earth's {only |}natural satellite.", ["satellite"]),
    ("What is the sun?", "{The Sun|It} is {a star|the star} at the centre of the solar system.", ["star"]),
    ("What is a CPU?|What does CPU mean?|What does CPU stand for?", "{A CPU is a central processing unit|CPU means central processing unit}: the main {chip|processor} of a computer.", ["central processing unit"]),
    ("What is a GPU?|What does GPU mean?|What does GPU stand for?", "{A GPU is a graphics processing unit|GPU means graphics processing unit}: a chip for {parallel|matrix} work{|, used for AI}.", ["graphics processing unit"]),
    ("What is a token?|What are tokens?", "{A token is|It is} a {small |}piece of text, {such as|like} a word or part of {a word|one}.", ["piece"]),
    ("What is an LLM?|What is a language model?|What does LLM mean?", "{An LLM is a large language model|A language model is a program}: it {writes|predicts} text token by token.", ["token"]),
    ("What is inference?", "Inference {is running|means running} a trained model to get {an answer|answers}.", ["running"]),
    ("What is latency?", "Latency is the {time|delay} {between|from} a request {and|to} its answer.", ["time", "delay"]),
    ("What is throughput?", "Throughput is how much work is done {in|per unit of} time, {for example|such as} tokens per second.", ["tokens per second"]),
    ("What is TTFT?|What does TTFT mean?", "TTFT is the time to first token: how long you wait until the answer {starts|begins}.", ["first token"]),
    ("What is TPOT?|What does TPOT mean?", "TPOT is the time per output token after the first one.", ["output token"]),
    ("What is {the |a |}KV cache?", "The KV cache {holds|keeps} the keys and values of earlier tokens, so that they need not be computed again.", ["keys and values"]),
    ("What is quantisation?|What is quantization?", "Quantisation stores weights with fewer bits, {so|so that} a model is smaller and faster.", ["fewer bits"]),
    ("What is HBM?|What is high bandwidth memory?", "HBM is high bandwidth memory: {stacked memory|memory in stacks} next to the chip.", ["memory"]),
    ("What is SRAM?", "SRAM is {small but very fast|very fast but small} memory on the chip itself.", ["fast"]),
    ("What is {a semiconductor|silicon}?", "{Silicon is|It is} a {semiconductor|material}, the {basis|stuff} of {nearly all|most} chips.", ["chips"]),
    ("What is open source?", "Open source means that {anyone|everybody} may {read|see}, use and change the code.", ["code"]),
    ("What is JSON?", "JSON is a {text format|simple format} for data, with objects, lists, strings and numbers.", ["data"]),
    ("What is an API?|What does API mean?", "An API is {the|an} interface {through|by} which programs {talk to each other|use each other}.", ["interface"]),
    ("What is GGUF?", "GGUF is the {model file|file} format of llama.cpp.", ["llama.cpp"]),
    ("What is vLLM?", "vLLM is an open-source {engine|server} for {running|serving} language models, mostly on GPUs.", ["open-source"]),
    ("What is CUDA?", "CUDA is NVIDIA's software for {programming|running programs on} its GPUs.", ["NVIDIA"]),
    ("What is ROCm?", "ROCm is AMD's software for {programming|running programs on} its GPUs.", ["AMD"]),
    ("What is SGLang?", "SGLang is an open-source engine for serving language models {fast|quickly}.", ["open-source"]),
    ("What is a transformer?|What is the transformer?", "A transformer is a neural network {with|built on} attention; {most|nearly all} language models are {one|transformers}.", ["attention"]),
    ("What is attention{| in a transformer}?", "Attention lets a model look back at earlier tokens and {weigh|mix} them.", ["tokens"]),
    ("What is a neural network?", "A neural network is a function with many {weights|trained weights}, {learned|set} from {data|examples}.", ["weights"]),
    ("What is machine learning?|What is AI?|What is artificial intelligence?", "{It is|That is} {software|a program} that learns {patterns|what to do} from {data|examples}.", ["learns"]),
    ("What is prefill?", "Prefill is the {first phase|phase} that reads the {whole |}prompt, before the first token{ is written|}.", ["prompt"]),
    ("What is decode?|What is decoding?", "Decode is the phase that writes the answer, one token at a time.", ["token"]),
    ("What is a parameter?|What are weights?|What are parameters?", "{They are the|Weights are the} numbers that a model has learned.", ["numbers"]),
    ("What is a data centre?|What is a data center?", "A data centre is a building full of servers, {with power and cooling|kept cool and powered}.", ["servers"]),
    ("What is a prompt?", "A prompt is the text that you {give|send} to a model.", ["text"]),
    ("What is temperature{| in sampling}?", "Temperature {sets|says} how random the sampling is; 0 {always takes|takes} the likeliest token.", ["random"]),
    ("What is context length?|What is a context window?", "It is how many tokens a model can {see|read} at once; mine is 1,024.", ["tokens"]),
    ("What is a wafer?", "A wafer is a round {slice|disc} of silicon from which chips are cut.", ["silicon"]),
    ("What is a watt?", "A watt is the unit of power: one joule {per|a} second.", ["power"]),
    ("Who wrote Romeo and Juliet?|Who wrote Hamlet?", "{William |}Shakespeare{| wrote it}.", ["Shakespeare"]),
    ("How many legs does a spider have?", "A spider has eight legs.", ["eight"]),
    ("What is the longest river?|Which river is the longest?", "{The Nile|It is the Nile}{, followed closely by the Amazon|}.", ["Nile"]),
    ("How many letters are in the alphabet?", "The English alphabet has 26 letters.", ["26"]),
    ("What is ice?", "Ice is frozen water.", ["water"]),
    ("What is 1 kilogram in grams?|How many grams are in a kilogram?", "{A kilogram|It} is 1,000 grams.", ["1,000"]),
    ("How many metres are in a kilometre?|How many meters are in a kilometer?", "A kilometre is 1,000 metres.", ["1,000"]),
    ("What is llama.cpp?", "llama.cpp is an open-source engine that runs language models on {CPUs and GPUs|nearly any chip}.", ["open-source"]),
]
SIMPLE_KO = [
    ("하늘은 왜 {파래|파란가요}?", "공기가 {파란|푸른} 빛을 더 많이 {흩뜨리기|산란시키기} 때문입니다.", ["공기"]),
    ("일주일은 {며칠이야|며칠인가요}?", "{일주일은 |}7일입니다.", ["7일"]), ("일 년은 {몇 달이야|몇 개월인가요}?", "{일 년은 |}12개월입니다.", ["12"]),
    ("물은 몇 도에서 {끓어|끓나요}?", "{물은 |}섭씨 100도에서 {끓습니다|끓어요}.", ["100"]), ("물은 몇 도에서 {얼어|어나요}?", "{물은 |}섭씨 0도에서 {업니다|얼어요}.", ["0도"]),
    ("가장 큰 행성은{| 뭐야| 무엇인가요}?", "{가장 큰 행성은 |}목성입니다.", ["목성"]), ("가장 높은 산은{| 뭐야| 무엇인가요}?", "{가장 높은 산은 |}에베레스트입니다.", ["에베레스트"]),
    ("GPU가 {뭐야|뭐예요}?|GPU는 무엇인가요?", "GPU는 {많은 계산을 동시에|병렬 계산을} 하는 칩입니다. {AI에 많이 쓰입니다.|그래픽과 AI에 쓰입니다.}", ["칩"]),
    ("CPU가 {뭐야|뭐예요}?|CPU는 무엇인가요?", "CPU는 컴퓨터의 {중심이 되는|중앙 처리} 칩입니다.", ["칩"]), ("토큰이 {뭐야|뭐예요}?|토큰은 무엇인가요?", "토큰은 {글의|텍스트의} 작은 조각입니다.", ["조각"]),
    ("언어 모델이 {뭐야|뭐예요}?|언어 모델은 무엇인가요?", "언어 모델은 다음 토큰을 {예측하며|맞히며} 글을 쓰는 프로그램입니다.", ["토큰"]),
    ("추론이 {뭐야|뭐예요}?", "추론은 학습된 모델을 {실행해서|돌려서} 답을 얻는 것입니다.", ["모델"]), ("하루는 몇 시간{이야|인가요}?", "{하루는 |}24시간입니다.", ["24"]),
]
