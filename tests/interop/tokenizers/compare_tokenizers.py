#!/usr/bin/env python3
"""Compares `temper tokenize` with the library `tokenizers` on files and texts drawn at random: ids, offsets, decodings.

    compare_tokenizers.py TEMPER [--seed N] [--files N] [--texts N] [--keep FOLDER]
"""
import argparse
import json
import os
import random
import sys
import tempfile

from tokenizers import Tokenizer

from differences import parting, run
from random_texts import random_texts
from random_tokenizers import ADDED, SPECIALS, random_tokenizer


def byte_starts(text):
    starts = [0]
    for c in text:
        starts.append(starts[-1] + len(c.encode()))
    return starts


def wanted(library, line, specials):
    """What the library gives; None where it panics or refuses."""
    try:
        encoding = library.encode(line["text"], line.get("pair"), add_special_tokens=specials)
    except BaseException:
        return None
    starts = [byte_starts(line["text"]), byte_starts(line.get("pair", ""))]
    offsets = []
    for sequence, (begin, end) in zip(encoding.sequence_ids, encoding.offsets):
        of = starts[sequence or 0]
        known = begin <= end < len(of) and not (sequence is None and end > 0)  # else bytes that are no characters, or of either text
        offsets.append([of[begin], of[end]] if known else None)
    answer = {"ids": encoding.ids, "offsets": offsets}
    if "pair" in line:
        answer["type_ids"] = encoding.type_ids
    return answer


def counts_beyond_words(model):
    """Bytes of prefixes and suffixes that are not in the text make the library's offsets leave their word."""
    return model.get("byte_fallback", False) and bool(model.get("continuing_subword_prefix") or model.get("end_of_word_suffix"))


def decoded(library, ids, skip):
    try:
        return library.decode(ids, skip_special_tokens=skip)
    except BaseException:
        return None


def compare(temper, file, library, texts, folder):
    """Descriptions of what differs."""
    lines = [{"text": text, "pair": texts[i - 1]} if i % 5 == 4 else {"text": text} for i, text in enumerate(texts)]
    problems = []
    all_ids = set()
    for specials in (True, False):
        cases = [(line, wanted(library, line, specials)) for line in lines]
        cases = [case for case in cases if case[1] is not None]
        answers = run(temper, folder, [line for line, _ in cases], *([] if specials else ["--no-special-tokens"]))
        if isinstance(answers, str):
            return [answers]
        for (line, right), answer in zip(cases, answers):
            all_ids.add(tuple(right["ids"]))
            for key in right:
                if key == "offsets" and counts_beyond_words(file["model"]):
                    continue
                if key == "offsets":
                    answer[key] = [a if b is not None else None for a, b in zip(answer[key], right[key])]
                if difference := parting(key, answer[key], right[key]):
                    problems.append(f"{json.dumps(line)} specials={specials}: {difference}")
    for skip in (True, False):
        cases = [(list(ids), decoded(library, list(ids), skip)) for ids in sorted(all_ids)]
        cases = [case for case in cases if case[1] is not None]
        answers = run(temper, folder, [{"ids": ids} for ids, _ in cases], "--decode", *(["--no-special-tokens"] if skip else []))
        if isinstance(answers, str):
            return problems + [answers]
        problems += [f"decode {ids} skip={skip}: {answer['text']!r} but the library gives {right!r}" for (ids, right), answer in zip(cases, answers) if answer["text"] != right]
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("temper")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--texts", type=int, default=40)
    parser.add_argument("--keep", help="where tokenizers that differ are left")
    arguments = parser.parse_args()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the library's panics, which are caught
    sys.stderr = sys.stdout
    compared = differing = 0
    for number in range(arguments.files):
        generator = random.Random(arguments.seed * 1000003 + number)
        file = random_tokenizer(generator)
        if file is None:
            continue
        try:
            library = Tokenizer.from_str(json.dumps(file))
        except BaseException:
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "tokenizer.json")
            json.dump(file, open(path, "w"))
            problems = compare(arguments.temper, file, library, random_texts(generator, arguments.texts, SPECIALS + ADDED), folder)
        compared += 1
        if problems:
            differing += 1
            parts = {key: value for key, value in file.items() if key not in ("model", "added_tokens", "version")}
            parts["model"] = {key: value for key, value in file["model"].items() if key not in ("vocab", "merges")}
            parts["added_tokens"] = [token for token in file["added_tokens"] if token["content"] in ADDED]
            print(f"tokenizer {number}: {json.dumps(parts)}")
            for problem in problems[:3]:
                print("   ", problem[:600])
            if arguments.keep:
                os.makedirs(arguments.keep, exist_ok=True)
                json.dump(file, open(os.path.join(arguments.keep, f"{number}.json"), "w"))
    print(f"{compared} tokenizers compared, {differing} differ")
    return 1 if differing or compared < arguments.files // 3 else 0


if __name__ == "__main__":
    sys.exit(main())
