"""Names and other values to copy: real ones, and made-up ones so that copying is learnt and not a list."""

PEOPLE = """Mina Anna Ben Clara David Emma Felix Grace Hugo Ivy Jack Kate Leo Maria Noah Olivia Paul Quinn Rosa Sam Tom Uma Victor Wendy Xavier
Yuna Zoe Alice Bob Carol Dan Eva Frank Gina Hana Ian Jane Kim Lara Max Nina Oscar Peter Rita Sara Tim Vera Will Alex Chris Daniel Ella Finn George
Helen Isaac Julia Karl Lucas Mia Nora Otto Pia Ravi Sofia Theo Ursula Vince Yusuf Zara Min-jun Seo-yeon Ji-ho Hyun-woo Yuki Kenji Wei Priya Arjun Fatima Omar Leila Ivan Olga""".split()
PEOPLE_KO = "민아 지수 현우 서연 민준 지호 하은 도윤 예진 수빈 태현 유나 준호 은지 성민 다은 재훈 소라 동현 미나".split()
CITIES = """Paris London Berlin Rome Madrid Seoul Tokyo Beijing Delhi Cairo Nairobi Ottawa Lima Oslo Dublin Vienna Prague Athens Busan Osaka Boston Chicago
Denver Austin Seattle Toronto Sydney Melbourne Munich Hamburg Milan Naples Lyon Porto Zurich Geneva Warsaw Helsinki Kyoto Incheon Daegu Jeju Mumbai Shanghai Dallas Miami""".split()
COLOURS = "red blue green yellow orange purple pink black white brown grey gold silver teal".split()
PETS = "dog cat rabbit hamster parrot goldfish turtle horse".split()
JOBS = "engineer teacher nurse doctor cook pilot farmer painter writer lawyer baker student designer driver gardener".split()
FOODS = "pizza rice kimchi bread soup noodles salad pasta cheese apples bananas grapes chocolate sushi bibimbap pancakes".split()
ITEMS = "lamp chair table book phone laptop pen bottle cup bag camera clock keyboard monitor mouse desk cable chip server fan".split()
_START = "b br c d dr f g gr h j k kl l m n p pr r s st t tr v w z".split()
_MIDDLE = "a e i o u ai ea io ou".split()
_END = "n r l s t m k nd x v lo na ri do ko mi".split()


def invented(rng):
    """A pronounceable name that (almost surely) nobody has seen."""
    return "".join(rng.choice(_START) + rng.choice(_MIDDLE) for _ in range(rng.choice([1, 1, 2]))).capitalize() + rng.choice(_END)


def person(rng):
    return invented(rng) if rng.random() < 0.45 else rng.choice(PEOPLE)


def city(rng):
    return invented(rng) if rng.random() < 0.3 else rng.choice(CITIES)
