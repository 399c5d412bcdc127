#!/usr/bin/env python3
"""Writes the quickstart's data: short invented reviews of things, labelled by their mood.

    python3 experiments/quickstart/make.py      writes train.csv, test.csv and vocab.txt beside this file

A sentence has one or two mood words, sometimes turned round by "not"; every seventh label is wrong on purpose, so that a model
which learns the train split by heart does worse on others. The output depends on nothing but this file.
"""
import csv
import os
import random

GOOD = "lovely great charming bright tasty gentle clever warm splendid happy smooth fresh".split()
BAD = "awful dull bitter broken rude grim noisy cold clumsy sad rotten slow".split()
PLAIN = "wooden round blue long small new old plain tall flat narrow grey".split()
THINGS = "soup train garden film song book coat kettle bridge lesson picnic game clock street letter cake".split()
SUBJECTS = "the my our their this that".split()
OPENINGS = "today yesterday honestly well so and frankly again".split()
ENDINGS = "indeed really somehow now overall still".split()


def sentence(rng, label):
    words = [rng.choice(OPENINGS)] if rng.random() < 0.5 else []
    words += [rng.choice(SUBJECTS), rng.choice(PLAIN), rng.choice(THINGS), "was"]
    own, other = {"positive": (GOOD, BAD), "negative": (BAD, GOOD), "neutral": (PLAIN, PLAIN)}[label]
    if label != "neutral" and rng.random() < 0.3:
        words += ["not", rng.choice(other)]
    else:
        words += [rng.choice(own)]
        if rng.random() < 0.4:
            words += ["and", rng.choice(own)]
    if rng.random() < 0.5:
        words.append(rng.choice(ENDINGS))
    return " ".join(words)


def rows(rng, count, prefix):
    labels = ["positive", "negative", "neutral"]
    for number in range(count):
        label = rng.choice(labels)
        text = sentence(rng, label)
        if rng.random() < 0.15:
            label = rng.choice([other for other in labels if other != label])
        yield {"id": f"{prefix}-{number}", "text": text, "mood": label}


def main():
    folder = os.path.dirname(os.path.abspath(__file__))
    rng = random.Random(2026)
    for name, count in (("train", 600), ("test", 400)):
        with open(os.path.join(folder, name + ".csv"), "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["id", "text", "mood"], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows(rng, count, name))
    words = sorted({*GOOD, *BAD, *PLAIN, *THINGS, *SUBJECTS, *OPENINGS, *ENDINGS, "was", "not", "and"})
    with open(os.path.join(folder, "vocab.txt"), "w", encoding="utf-8") as file:
        file.write("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]) + "\n")


if __name__ == "__main__":
    main()
