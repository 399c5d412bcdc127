#!/usr/bin/env python3
"""Compares `temper tokenize` with sentencepiece on models trained, and texts drawn, at random: ids, offsets, decodings.

    compare_sentencepiece.py TEMPER [--seed N] [--models N] [--texts N]
"""
import argparse
import io
import json
import os
import random
import sys
import tempfile

import sentencepiece

from differences import parting, run
from random_texts import LINES, random_texts

SYMBOLS = ["<x>", "ab", "day", "日本", "▁fox", "é", "\n", "<0x41>", "c d"]


def train(generator):
    """A model file, or None where sentencepiece makes none of these options."""
    kind = generator.choice(["unigram", "bpe", "bpe", "unigram", "word", "char"])
    flag = lambda: generator.random() < 0.5
    symbols = generator.sample(SYMBOLS, generator.randrange(0, 4))
    out = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(LINES * 4), model_writer=out, model_type=kind, vocab_size=generator.choice([200, 420]) + 300, hard_vocab_limit=False, character_coverage=generator.choice([0.98, 1.0]),
            byte_fallback=flag() and kind in ("unigram", "bpe"), add_dummy_prefix=flag(), remove_extra_whitespaces=flag(), normalization_rule_name=generator.choice(["identity", "nmt_nfkc", "nfkc", "nmt_nfkc_cf"]),
            treat_whitespace_as_suffix=generator.random() < 0.2 and kind in ("unigram", "bpe"), split_by_whitespace=flag() or kind == "word", split_digits=flag(), allow_whitespace_only_pieces=flag() and kind != "word",
            user_defined_symbols=[symbol for symbol in symbols if symbol != "<x>"], control_symbols=["<x>"] if "<x>" in symbols else [], pad_id=generator.choice([-1, 3]), bos_id=generator.choice([1, -1]),
            unk_surface=generator.choice([" ⁇ ", "?"]), minloglevel=3, num_threads=1)
    except BaseException:
        return None
    return out.getvalue()


def compare(temper, library, texts, path):
    problems = []
    decodings = []
    plain = run(temper, path, [{"text": text} for text in texts], "--no-special-tokens")
    framed = run(temper, path, [{"text": text} for text in texts])
    if isinstance(plain, str) or isinstance(framed, str):
        return [str(plain)[:500], str(framed)[:500]]
    for text, answer, whole in zip(texts, plain, framed):
        pieces = library.encode(text, return_type="proto").pieces
        right = {"ids": [piece.id for piece in pieces], "offsets": [[piece.begin, piece.end] for piece in pieces]}
        for key, value in right.items():
            if difference := parting(key, answer[key], value):
                problems.append(f"{json.dumps(text)}: {difference}")
        ends = [library.bos_id()] * (library.bos_id() >= 0), [library.eos_id()] * (library.eos_id() >= 0)
        if whole["ids"] != ends[0] + right["ids"] + ends[1]:
            problems.append(f"{json.dumps(text)}: with special tokens {whole['ids'][:3]} ... {whole['ids'][-3:]}")
        decodings.append(right["ids"])
    generator = random.Random(len(texts))
    decodings += [[generator.randrange(library.get_piece_size()) for _ in range(generator.randrange(1, 9))] for _ in range(40)]
    answers = run(temper, path, [{"ids": ids} for ids in decodings], "--decode")
    if isinstance(answers, str):
        return problems + [answers[:500]]
    for ids, answer in zip(decodings, answers):
        right = library.decode(ids)
        if answer["text"] != right:
            problems.append(f"decode {ids}: {answer['text']!r}, sentencepiece gives {right!r}")
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("temper")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--models", type=int, default=12)
    parser.add_argument("--texts", type=int, default=60)
    arguments = parser.parse_args()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what the trainers tell
    sys.stderr = sys.stdout
    compared = differing = 0
    for number in range(arguments.models):
        generator = random.Random(arguments.seed * 1000003 + number)
        model = train(generator)
        if model is None:
            continue
        library = sentencepiece.SentencePieceProcessor(model_proto=model)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "tokenizer.model")
            open(path, "wb").write(model)
            problems = compare(arguments.temper, library, random_texts(generator, arguments.texts, SYMBOLS + ["<s>", "</s>"]), path)
        compared += 1
        if problems:
            differing += 1
            print(f"model {number}:")
            for problem in problems[:4]:
                print("   ", problem[:500])
    print(f"{compared} models compared, {differing} differ")
    return 1 if differing or compared < arguments.models // 3 else 0


if __name__ == "__main__":
    sys.exit(main())
