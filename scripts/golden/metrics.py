"""Random answers with the values that scikit-learn and numpy compute from them: what temper's metrics must give.

    python scripts/golden/metrics.py --cases 36 --seed 1 > tests/golden/metrics/scikit_learn.jsonl

A line per case: {"kind", "task", "lines": [lines as `temper evaluate` reads them], "expected": {metric value: number},
"stderr": {metric value: number}}. The first line names the versions that wrote it.
"""
import argparse
import json
import random
import sys
import warnings

import numpy as np
import sklearn
from sklearn.metrics import accuracy_score, f1_score, log_loss, precision_recall_fscore_support
from sklearn.preprocessing import MultiLabelBinarizer

warnings.filterwarnings("ignore")
SCORES = ["precision", "recall", "f1"]
AVERAGES = ["macro", "micro", "weighted"]
NAMES = ["a", "b", "good", "bad", "neutral", "négatif 👎", "two words", "X", "10", "-1"]


def jackknife(value, n):
    """Efron and Tibshirani 1993, equation 11.5, by leaving out each item in turn."""
    without = np.array([value([j for j in range(n) if j != i]) for i in range(n)])
    return float(np.sqrt((n - 1) / n * np.sum((without - without.mean()) ** 2)))


def averages(reference, prediction):
    expected = {}
    for average in AVERAGES:
        values = precision_recall_fscore_support(reference, prediction, average=average, zero_division=0)
        expected.update({f"{score}_{average}": value for score, value in zip(SCORES, values)})
    return expected


def per_class(reference, prediction, names, labels=None):
    values = precision_recall_fscore_support(reference, prediction, labels=labels, average=None, zero_division=0)
    return {f"{score}_{name}": value for score, row in zip(SCORES, values) for name, value in zip(names, row)}


def labels_case(draw):
    names = draw.sample(NAMES, draw.randint(1, len(NAMES)))
    n, skill = draw.randint(1, 40), draw.random()
    reference = draw.choices(names, weights=[draw.random() ** 2 + 1e-3 for _ in names], k=n)
    prediction = [r if draw.random() < skill else draw.choice(names) for r in reference]
    present = sorted(set(reference) | set(prediction))
    expected = {"accuracy": accuracy_score(reference, prediction), **averages(reference, prediction), **per_class(reference, prediction, present, present)}
    stderr = {}
    if 3 <= n <= 7:
        r, p = np.array(reference, dtype=object), np.array(prediction, dtype=object)
        stderr["accuracy"] = jackknife(lambda rows: accuracy_score(list(r[rows]), list(p[rows])), n)
        stderr["f1_macro"] = jackknife(lambda rows: f1_score(list(r[rows]), list(p[rows]), average="macro", zero_division=0), n)
    lines = [{"prediction": p, "reference": r} for p, r in zip(prediction, reference)]
    return "labels", "classification", lines, expected, stderr


def integer_labels_case(draw):
    classes, n = draw.randint(2, 12), draw.randint(1, 40)
    reference = [draw.randrange(classes) for _ in range(n)]
    prediction = [draw.choice([r, draw.randrange(classes)]) for r in reference]
    expected = {"accuracy": accuracy_score(reference, prediction), **averages(reference, prediction)}
    return "integers", "classification", [{"prediction": p, "reference": r} for p, r in zip(prediction, reference)], expected, {}


def sets_case(draw):
    names = draw.sample(NAMES, draw.randint(2, 6))
    n, density = draw.randint(1, 30), draw.random()
    pick = lambda: [name for name in names if draw.random() < density]
    reference = [pick() for _ in range(n)]
    prediction = [r if draw.random() < 0.3 else pick() for r in reference]
    present = sorted({name for row in reference + prediction for name in row})
    if len(present) < 2:
        return sets_case(draw)
    binarizer = MultiLabelBinarizer(classes=present)
    r, p = binarizer.fit_transform(reference), binarizer.transform(prediction)
    expected = {"accuracy": accuracy_score(r, p), **averages(r, p), **per_class(r, p, present)}
    lines = [{"prediction": draw.sample(a, len(a)), "reference": b} for a, b in zip(prediction, reference)]
    return "sets", "multi_label", lines, expected, {}


def probabilities_case(draw):
    names = sorted(draw.sample(NAMES, draw.randint(2, 8)))
    n = draw.randint(1, 30)
    rows = np.array([[draw.random() ** draw.choice([1, 8]) * (draw.random() > 0.05) + 1e-300 for _ in names] for _ in range(n)])
    rows /= rows.sum(axis=1, keepdims=True)
    reference = [draw.choice(names) for _ in range(n)]
    expected = {"cross_entropy": log_loss(reference, rows, labels=names)}
    losses = -np.log(np.maximum(rows[range(n), [names.index(r) for r in reference]], np.finfo(float).eps))
    stderr = {"cross_entropy": float(losses.std(ddof=1) / np.sqrt(n))} if n > 1 else {}
    lines = [{"probabilities": dict(zip(names, map(float, row))), "reference": r} for r, row in zip(reference, rows)]
    return "probabilities", "classification", lines, expected, stderr


def likelihoods_case(draw):
    n = draw.randint(1, 30)
    tokens = np.array([draw.randint(1, 50) for _ in range(n)])
    nll = np.array([t * draw.uniform(0, 8) for t in tokens])
    value = lambda rows: float(np.exp(nll[rows].sum() / tokens[rows].sum()))
    every = list(range(n))
    expected = {"perplexity": value(every), "cross_entropy": float(nll.sum() / tokens.sum())}
    stderr = {"perplexity": jackknife(value, n)} if n > 1 else {}
    lines = [{"nll": float(a), "nll_tokens": int(t)} for a, t in zip(nll, tokens)]
    return "likelihoods", "language_modeling", lines, expected, stderr


CASES = [labels_case, labels_case, integer_labels_case, sets_case, probabilities_case, likelihoods_case]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=36)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    print(json.dumps({"written_by": "scripts/golden/metrics.py", "scikit-learn": sklearn.__version__, "numpy": np.__version__, "python": sys.version.split()[0]}))
    for case in range(arguments.cases):
        kind, task, lines, expected, stderr = CASES[case % len(CASES)](draw)
        numbers = lambda values: {name: float(value) for name, value in values.items()}
        print(json.dumps({"kind": kind, "task": task, "lines": lines, "expected": numbers(expected), "stderr": numbers(stderr)}, ensure_ascii=False))


if __name__ == "__main__":
    main()
