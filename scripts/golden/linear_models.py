"""What scikit-learn's LogisticRegression gives for made-up texts, as JSON lines: tests/golden/linear_models/scikit_learn.jsonl.

    python scripts/golden/linear_models.py --cases 8 > tests/golden/linear_models/scikit_learn.jsonl

The first line names the versions. A case holds training texts with labels, test texts, C, which features ("tfidf": TfidfVectorizer's defaults;
"embedding": how often each of the letters a to z stands there, scaled to length 1), and the test texts' probabilities. The optimiser runs
until nothing moves, so that the minimum itself is compared.
"""
import argparse
import json
import random
import sys

import numpy
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

WORDS = ("good fine bad poor old new river rain moon stone apple tree the of and a I x2 under_score Élan naïve Straße ÀÉ 42 "
         "don't it's end. (really?) QUITE quite well-known").split()


def letters(texts):
    counts = numpy.array([[text.count(chr(ord("a") + i)) for i in range(26)] for text in texts], dtype=float)
    lengths = numpy.linalg.norm(counts, axis=1, keepdims=True)
    return counts / numpy.where(lengths > 0, lengths, 1)


def made_case(draw, features):
    labels = ["no", "yes", "maybe", "never"][: draw.choice([2, 2, 3, 4])]
    liked = {label: draw.sample(WORDS, 6) for label in labels}

    def text(label):
        return " ".join(draw.choice(liked[label] if draw.random() < 0.4 else WORDS) for _ in range(draw.randint(1, 9)))

    chosen = labels + [draw.choice(labels) for _ in range(draw.randint(4, 40))]
    train = [[text(label), label] for label in chosen]
    test = [text(draw.choice(labels)) for _ in range(6)] + ["", "zebra"]
    C = draw.choice([0.1, 1.0, 1.0, 10.0])
    vectorizer = TfidfVectorizer()
    x = vectorizer.fit_transform([t for t, _ in train]) if features == "tfidf" else letters([t for t, _ in train])
    x_test = vectorizer.transform(test) if features == "tfidf" else letters(test)
    model = LogisticRegression(C=C, tol=1e-10, max_iter=100_000).fit(x, [label for _, label in train])
    found = model.predict_proba(x_test)
    order = [list(model.classes_).index(label) for label in labels]
    return {"features": features, "C": C, "labels": labels, "train": train, "test": test, "probabilities": found[:, order].tolist()}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=8)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    draw = random.Random(given.seed)
    print(json.dumps({"made_with": {"python": sys.version.split()[0], "scikit-learn": sklearn.__version__, "numpy": numpy.__version__}}))
    for case in range(given.cases):
        print(json.dumps(made_case(draw, ["tfidf", "embedding"][case % 2]), ensure_ascii=False))


main()
