"""tokenizer.json files of the library `tokenizers` with options drawn at random, as dictionaries."""
import json

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from random_texts import LINES

REGEXES = [r"\s+", r"\p{L}+", r"[0-9]", r"\d{1,3}", r"\p{P}", r"(?i:day)", r"[^\s\w]+", r"(?<=a)b", r"\w+|\s", r"[\p{Han}\p{Hiragana}]", r"'s|'t| ?\p{L}+| ?\p{N}+|\s+(?!\S)|\s+",
           r"[A-Z]", r"(ab)+", r".", r"^\s|\s$", r"[[:punct:]]", r"\p{Lu}\p{Ll}*", r"[^a-z&&[^0-9]]"]
BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]
SPECIALS = ["<s>", "</s>", "[CLS]", "[SEP]", "<mask>"]
ADDED = ["DAY", "day", " day", "a b", "é", "e\u0301", "yes", "<x>", "ab", "日本", "Fox", "\n", "  ", "quick brown", "ΣΊ", "▁x", "x ", "!!"]


def normalizer(random):
    return random.choice([
        lambda: normalizers.NFC(), lambda: normalizers.NFD(), lambda: normalizers.NFKC(), lambda: normalizers.NFKD(), lambda: normalizers.Nmt(), lambda: normalizers.Lowercase(),
        lambda: normalizers.StripAccents(), lambda: normalizers.Strip(left=random.random() < 0.5, right=random.random() < 0.5), lambda: normalizers.Prepend(random.choice(["▁", "ab", " "])),
        lambda: normalizers.Replace(random.choice([" ", "a", "''", "é", "."]), random.choice(["▁", "", "xy", "é"])),
        lambda: normalizers.Replace(Regex(random.choice(REGEXES)), random.choice(["", " ", "▁", "日"])),
        lambda: normalizers.BertNormalizer(clean_text=random.random() < 0.5, handle_chinese_chars=random.random() < 0.5, strip_accents=random.choice([None, True, False]), lowercase=random.random() < 0.5),
        lambda: normalizers.ByteLevel(),
        lambda: normalizers.Sequence([normalizer(random) for _ in range(random.randrange(0, 3))]),
    ])()


def pre_tokenizer(random):
    behavior = random.choice(BEHAVIORS)
    return random.choice([
        lambda: pre_tokenizers.BertPreTokenizer(), lambda: pre_tokenizers.ByteLevel(add_prefix_space=random.random() < 0.5, use_regex=random.random() < 0.6),
        lambda: pre_tokenizers.CharDelimiterSplit(random.choice([" ", "a", "é", "."])), lambda: pre_tokenizers.Digits(individual_digits=random.random() < 0.5),
        lambda: pre_tokenizers.Metaspace(replacement=random.choice(["▁", "▁", "_"]), prepend_scheme=random.choice(["always", "first", "never"]), split=random.random() < 0.6),
        lambda: pre_tokenizers.Punctuation(behavior), lambda: pre_tokenizers.Split(random.choice([" ", "a", "..", "é"]), behavior, invert=random.random() < 0.3),
        lambda: pre_tokenizers.Split(Regex(random.choice(REGEXES)), behavior, invert=random.random() < 0.3), lambda: pre_tokenizers.UnicodeScripts(), lambda: pre_tokenizers.Whitespace(),
        lambda: pre_tokenizers.WhitespaceSplit(), lambda: pre_tokenizers.FixedLength(random.choice([1, 3, 5])),
        lambda: pre_tokenizers.Sequence([pre_tokenizer(random) for _ in range(random.randrange(1, 4))]),
    ])()


def decoder(random):
    return random.choice([
        lambda: decoders.ByteLevel(), lambda: decoders.WordPiece(prefix=random.choice(["##", "@"]), cleanup=random.random() < 0.5),
        lambda: decoders.Metaspace(replacement=random.choice(["▁", "_"]), prepend_scheme=random.choice(["always", "first", "never"])), lambda: decoders.BPEDecoder(suffix=random.choice(["</w>", "##"])),
        lambda: decoders.CTC(pad_token=random.choice(["<pad>", "a"]), word_delimiter_token="|", cleanup=random.random() < 0.5), lambda: decoders.Fuse(), lambda: decoders.ByteFallback(),
        lambda: decoders.Strip(content=random.choice([" ", "▁", "a"]), left=random.randrange(0, 2), right=0), lambda: decoders.Replace(random.choice(["▁", "a", "##"]), random.choice([" ", "", "é"])),
        lambda: decoders.Replace(Regex(random.choice(REGEXES)), random.choice([" ", ""])),
        lambda: decoders.Sequence([decoder(random) for _ in range(random.randrange(1, 4))]),
    ])()


def post_processor(random, ids, depth=0):
    pair = lambda token: (token, ids[token])
    flag = lambda: random.random() < 0.5
    choices = [
        lambda: processors.BertProcessing(pair("[SEP]"), pair("[CLS]")),
        lambda: processors.RobertaProcessing(pair("</s>"), pair("<s>"), trim_offsets=flag(), add_prefix_space=flag()),
        lambda: processors.ByteLevel(trim_offsets=flag(), add_prefix_space=flag()),
        lambda: processors.TemplateProcessing(single=random.choice(["<s> $A", "$A </s>", "<s> $A:1 </s>:2", "$A:1 $A:2", "[CLS] [CLS] $A"]),
                                              pair=random.choice(["$A $B:1", "<s> $A </s> $B:1 </s>:1", "$B:2 [SEP] $A:1", "[CLS]:1 $A $B </s>"]), special_tokens=[pair(token) for token in SPECIALS]),
    ]
    if depth == 0:
        choices.append(lambda: processors.Sequence([processors.ByteLevel(trim_offsets=True, add_prefix_space=flag()), choices[random.randrange(0, 4)]()]))
    return random.choice(choices)()


def bpe(random, tokenizer):
    prefix, suffix = random.choice([None, None, "##", "@"]), random.choice([None, None, "</w>"])
    unk = random.choice([None, "<unk>", "<unk>"])
    marks = {name: value for name, value in (("continuing_subword_prefix", prefix), ("end_of_word_suffix", suffix)) if value is not None}
    tokenizer.model = models.BPE(unk_token=unk, **marks)
    specials = ["<unk>"] if random.random() < 0.8 else []
    if random.random() < 0.4:
        specials += ["<0x%02X>" % b for b in range(256 if random.random() < 0.7 else 0xC0)]
    trainer = trainers.BpeTrainer(vocab_size=random.choice([120, 300, 700]), show_progress=False, special_tokens=specials, **marks,
                                  limit_alphabet=random.choice([60, 1000]), initial_alphabet=pre_tokenizers.ByteLevel.alphabet() if random.random() < 0.4 else [])
    tokenizer.train_from_iterator(LINES * 2, trainer)
    flag = lambda: random.random() < 0.5
    return {"fuse_unk": flag(), "byte_fallback": flag(), "ignore_merges": random.random() < 0.3, "unk_token": unk if "<unk>" in specials else None}


def word_piece(random, tokenizer):
    prefix = random.choice(["##", "##", "@", ""])
    tokenizer.model = models.WordPiece(unk_token="[UNK]", continuing_subword_prefix=prefix)
    tokenizer.train_from_iterator(LINES * 2, trainers.WordPieceTrainer(vocab_size=random.choice([150, 400]), show_progress=False, special_tokens=["[UNK]"], continuing_subword_prefix=prefix,
                                                                      limit_alphabet=random.choice([60, 1000])))
    return {"max_input_chars_per_word": random.choice([100, 100, 6, 1])}


def word_level(random, tokenizer):
    tokenizer.model = models.WordLevel(unk_token="<unk>")
    tokenizer.train_from_iterator(LINES * 2, trainers.WordLevelTrainer(vocab_size=100, show_progress=False, special_tokens=["<unk>"]))
    return {}


def unigram(random, tokenizer):
    tokenizer.model = models.Unigram()
    specials = ["<unk>"] + (["<0x%02X>" % b for b in range(256)] if random.random() < 0.4 else [])
    tokenizer.train_from_iterator(LINES * 2, trainers.UnigramTrainer(vocab_size=random.choice([150, 400]) + len(specials), show_progress=False, special_tokens=specials, unk_token="<unk>",
                                                                    initial_alphabet=[]))
    return {"byte_fallback": random.random() < 0.5}


def random_tokenizer(random):
    """A dictionary that the library reads, or None where it makes none of these options."""
    tokenizer = Tokenizer(models.BPE())
    if random.random() < 0.7:
        tokenizer.normalizer = normalizer(random)
    if random.random() < 0.85:
        tokenizer.pre_tokenizer = pre_tokenizer(random)
    try:
        changes = random.choice([bpe, bpe, bpe, word_piece, word_level, unigram])(random, tokenizer)
    except BaseException:  # the trainers panic on some vocabularies
        return None
    tokenizer.add_special_tokens(SPECIALS)
    flag = lambda: random.random() < 0.3
    forms = {""}  # a token without characters cuts the library's texts everywhere; of two equal ones it takes any
    for content in random.sample(ADDED, random.randrange(0, 5)):
        form = tokenizer.normalizer.normalize_str(content) if tokenizer.normalizer is not None else content
        if form in forms:
            continue
        forms.add(form)
        token = AddedToken(content, single_word=flag(), lstrip=flag(), rstrip=flag(), normalized=random.random() < 0.5)
        if random.random() < 0.3:
            tokenizer.add_special_tokens([token])
        else:
            tokenizer.add_tokens([token])
    if random.random() < 0.7:
        tokenizer.post_processor = post_processor(random, {token: tokenizer.token_to_id(token) for token in SPECIALS})
    if random.random() < 0.85:
        tokenizer.decoder = decoder(random)
    file = json.loads(tokenizer.to_str())
    file["model"].update(changes)
    if random.random() < 0.2:
        file["truncation"] = {"direction": random.choice(["Left", "Right"]), "max_length": random.choice([5, 9, 20]), "strategy": random.choice(["LongestFirst", "OnlyFirst"]), "stride": random.choice([0, 1])}
    if random.random() < 0.2:
        file["padding"] = {"strategy": random.choice(["BatchLongest", {"Fixed": 12}]), "direction": random.choice(["Left", "Right"]), "pad_to_multiple_of": random.choice([None, 4]), "pad_id": 1,
                           "pad_type_id": 2, "pad_token": "<pad>"}
    return file
