"""Texts of all kinds, hostile ones included, from a seeded generator."""

LINES = [
    "The quick brown fox jumps over the lazy dog.",
    "I'd've said we're done, she'll agree; it's 3.14159 or 1,234,567!",
    "café naïve Ångström ÉCOLE straße İstanbul ΣΊΣΥΦΟΣ ﬁnd ½ ² Ⅷ",
    "日本語のテキスト、カタカナとひらがな。東京タワー",
    "안녕하세요 세계 한국어",
    "Привет, мир! Как дела?",
    "مرحبا بالعالم السَّلَامُ عَلَيْكُم",
    "नमस्ते दुनिया हिन्दी",
    "def f(x):\n    return x ** 2  # comment\n\n\tpass\r\n",
    "https://example.com/a?b=c&d=e#f user@mail.org C++ #hashtag @user",
    "👩‍👩‍👧 🇩🇪 👍🏽 emoji ❤️ text",
    "  leading and trailing  ",
    "aaaaaaaaaaaaaaaaaaaa bbbb !!!!!!!!! ???? ----",
    "don't do not can't won't I'm you're they've",
    "DAY Day day yesterday DAYS",
    "a b a b ab AB",
]

ALPHABETS = [
    "abcdefghijklmnopqrstuvwxyz",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "0123456789",
    " \t\n\r\x0b\x0c\u0085\u00a0\u1680\u2003\u2028\u2029\u202f\u3000\u200b\ufeff\u180e",
    ".,;:!?'\"()[]{}<>-_/\\|@#$%^&*+=~`",
    "▁Ġ##</w><s></s>[UNK]<0x41>",
    "áéíóúàèìòùäëïöüñçßøåæœ",
    "\u0301\u0302\u0308\u0323\u0345\u05b0\u064b\u0e31\u3099\u20dd\u1ab0",
    "ΑΒΓΔΣΩαβγδσςω",
    "АБВГДЕЖабвгдеж",
    "אבגדהוזחט",
    "ابتثجحخد\u0640\u0651",
    "देवनागरी",
    "ไทยภาษา",
    "漢字日本語中文",
    "ひらがなカタカナーｶﾀｶﾅ",
    "한국어ㄱㄴㄷ\u1100\u1161\u11a8",
    "😀👍🏽👩\u200d🇩🇪\ufe0f❤",
    "\x00\x01\x1f\x7f\x80\x9f\u00ad\u200d\u2060\ufffd\ue000",
    "ﬁﬂ①②½¼²³ⅣⅧ㍿㌔Ａｂ１",
    "\U0001d400\U0001d7d8\U00020000\U000e0001\U0010ffff\u0378",
    "İıſKÅẞǅ",
]


def random_text(random, specials):
    kind = random.random()
    if kind < 0.3:
        text = random.choice(LINES)
        if random.random() < 0.3:
            text = text.upper() if random.random() < 0.5 else text.replace(" ", "  ")
        return text
    parts = []
    for _ in range(random.randrange(1, 12)):
        choice = random.random()
        if choice < 0.12 and specials:
            parts.append(random.choice(specials))
        elif choice < 0.3:
            parts.append(random.choice(random.choice(LINES).split(" ")))
        elif choice < 0.35:
            code = random.choice([random.randrange(0x80, 0x3000), random.randrange(0x3000, 0xD800), random.randrange(0xE000, 0x20000)])
            parts.append(chr(code))
        else:
            alphabet = random.choice(ALPHABETS)
            parts.append("".join(random.choice(alphabet) for _ in range(random.randrange(1, 7))))
        if random.random() < 0.5:
            parts.append(random.choice([" ", " ", " ", "  ", "\n", "\t"]))
    return "".join(parts)


def random_texts(random, count, specials=()):
    return ["", " "] + [random_text(random, list(specials)) for _ in range(count - 2)]
