"""Random answers with the values that the usual libraries compute from them: what temper's metrics must give.

    python tests/interop/metrics/reference_values.py --cases 3000 --seed 1 > cases.jsonl

The first line names the versions. Then a line per case: {"kind", "task", "metrics": [names as `temper evaluate` takes them],
"lines": [as it reads them], "expected": {value: number or null}, "stderr": {value: number}, "signature": {value: text}}. One
process computes them all. Standard errors are jackknives over the peers' own values, leaving out each item in turn.

Peers: sacrebleu (bleu, chrf), rouge-score (rouge), seqeval, scikit-learn (classifiers, errors), scipy (correlations), torchmetrics
(SQuAD v1.1's exact match and F1). SQuAD v2's additions and the calibration error, which none of them has as defined, are written
out here.
"""
import argparse
import collections
import json
import math
import os
import random
import re
import string
import sys
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import rouge_score
import sacrebleu
import scipy
import seqeval
import sklearn
from rouge_score import rouge_scorer
from sacrebleu.metrics import BLEU, CHRF
from scipy import stats
from seqeval.metrics import f1_score, precision_score, recall_score, sequence_labeling
from seqeval.scheme import IOB2
from sklearn import metrics as sk
from sklearn.preprocessing import label_binarize

def jackknife(value, n):
    """Efron and Tibshirani 1993, equation 11.5."""
    without = np.array([value([j for j in range(n) if j != i]) for i in range(n)], dtype=float)
    return float(np.sqrt((n - 1) / n * np.sum((without - without.mean()) ** 2)))


def pick(rows, chosen):
    return [rows[i] for i in chosen]


STDERR = {}  # of the case at hand


WORDS = """the a an The A cat cats running runs ran sat on mat mats relational conditional hopefully flies died sky skies news
generally radically archaeology organization U.S. 3.14 1,000 10-year it's don't (hi) "quoted" e-mail semi-colon; end. what? no! state-of-the-art
&amp; &quot; <skipped> ¿qué? naïve café ΟΔΟΣ Σ İstanbul Kelvin ½ ² Ⅳ 中文 句子。 日本語 العربية हिन्दी 😀 👩‍🚀 e\u0301 the\u0301 €5 $7 50% a+b x=y _under_ __ --- ' " . , - /
agreed hopping tanned falling fizzed failing filing happy enjoy sensibilities triplicate formalize electrical goodness revival adjustment adoption
activate effective probate rate cease controlling roll theology geology innings dying exceed lll yyyy by ties tied proceed""".split()
SPACES = [" "] * 12 + ["  ", "\t", "\n", "\u00a0", "\u3000", "\r\n", "\x1f", "\u2028"]
ALPHABET = [chr(c) for c in [*range(32, 127), 0xDF, 0xE9, 0x130, 0x3A3, 0x3C3, 0x3C2, 0x301, 0x4E2D, 0x6587, 0x3002, 0xFF0C, 0x1F600, 0x200D, 0xAD, 0x2019, 0x660, 0xB2, 0x2160]]


def words_text(draw, most=14):
    return "".join(draw.choice(WORDS) + draw.choice(SPACES) for _ in range(draw.randint(0, most)))


def text(draw):
    kind = draw.random()
    if kind < 0.06:
        return draw.choice(["", " ", "\n", ".", "the", "a an the", "\n\n.\n"])
    if kind < 0.25:
        return "".join(draw.choices(ALPHABET, k=draw.randint(0, 40)))
    return words_text(draw) if kind < 0.96 else words_text(draw, 250)


def changed(draw, source):
    """A text near another one, so that long n-grams match too."""
    parts = re.split(r"(\s+)", source)
    for _ in range(draw.randint(0, 3)):
        at = draw.randrange(len(parts))
        action = draw.random()
        if action < 0.4:
            parts[at] = draw.choice(WORDS)
        elif action < 0.7:
            parts[at:at + 1] = []
        else:
            parts[at:at] = [draw.choice(WORDS), " "]
        parts = parts or [""]
    return "".join(parts)


def texts(draw, most_references=4):
    n = draw.choice([1, 1, 2, 3, 5])
    same = draw.randint(1, most_references)
    references = [[text(draw) for _ in range(same if draw.random() < 0.8 else draw.randint(1, most_references))] for _ in range(n)]
    predictions = [text(draw) if draw.random() < 0.2 else changed(draw, draw.choice(r)) for r in references]
    return predictions, references


def text_lines(predictions, references):
    return [{"prediction": p, "reference": r[0]} if len(r) == 1 else {"prediction": p, "references": r} for p, r in zip(predictions, references)]


def streams(references):
    most = max(map(len, references))
    return [[r[i] if i < len(r) else None for r in references] for i in range(most)]


def bleu_case(draw):
    predictions, references = texts(draw)
    options = {"tokenize": draw.choice(["13a", "13a", "none", "char", "intl"]), "lowercase": draw.random() < 0.3, "smooth_method": draw.choice(["exp", "exp", "exp", "floor", "add-k", "none"])}
    metric = BLEU(force=True, **options)
    score = metric.corpus_score(predictions, streams(references)).score
    if len(predictions) > 1:
        STDERR["bleu"] = jackknife(lambda rows: BLEU(force=True, **options).corpus_score(pick(predictions, rows), streams(pick(references, rows))).score, len(predictions))
    name = "bleu:" + ",".join(f"{key}={str(value).lower() if isinstance(value, bool) else value}" for key, value in options.items())
    return "generation", [name], text_lines(predictions, references), {"bleu": score}, {"bleu": str(metric.get_signature())}


def chrf_case(draw):
    predictions, references = texts(draw)
    lowercase, whitespace, beta, order = draw.random() < 0.3, draw.random() < 0.2, draw.choice([2, 2, 1, 3]), draw.choice([2, 2, 1])
    make = lambda words: CHRF(word_order=words, lowercase=lowercase, whitespace=whitespace, beta=beta)
    options = f":lowercase={str(lowercase).lower()},whitespace={str(whitespace).lower()},beta={beta},word_order={order}"
    expected, signatures = {}, {}
    for value, words in [("chrf", 0), ("chrf++", order)]:
        metric = make(words)
        expected[value] = metric.corpus_score(predictions, streams(references)).score
        signatures[value] = str(metric.get_signature())
    return "generation", ["chrf" + options, "chrf++" + options], text_lines(predictions, references), expected, signatures


ROUGES = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
SCORERS = {stem: rouge_scorer.RougeScorer(ROUGES, use_stemmer=stem) for stem in (False, True)}


def rouge_case(draw):
    predictions, references = texts(draw, 3)
    stem = draw.random() < 0.5
    scores = [SCORERS[stem].score_multi(r, p) for p, r in zip(predictions, references)]
    expected = {name: float(np.mean([score[name].fmeasure for score in scores])) for name in ROUGES}
    if len(scores) > 1:
        STDERR["rougeL"] = float(np.std([score["rougeL"].fmeasure for score in scores], ddof=1) / math.sqrt(len(scores)))
    return "generation", ["rouge:use_stemmer=" + str(stem).lower()], text_lines(predictions, references), expected, {}


def random_letters(draw):
    endings = ["sses", "ies", "ied", "eed", "ed", "ing", "y", "ational", "alli", "bli", "fulli", "logi", "iveness", "biliti", "icate", "ness", "ement", "sion", "tion", "e", "ll", "s", "ational", "izing", "ating", "7"]
    return "".join(draw.choices("abeghilorstyz", k=draw.randint(1, 6))) + "".join(draw.choices(endings, k=draw.randint(0, 2)))


def stems_case(draw):
    """Words against their own forms: two are equal just where their stems are."""
    base = [random_letters(draw) for _ in range(30)]
    other = [draw.choice([w, w[:-1], w + draw.choice(["s", "ed", "ing", "ly", "ness"]), random_letters(draw)]) for w in base]
    other += [SCORERS[True]._tokenizer._stemmer.stem(w) for w in base]
    score = SCORERS[True].score(" ".join(base), " ".join(other))
    return "generation", ["rouge:use_stemmer=true"], [{"prediction": " ".join(other), "reference": " ".join(base)}], {name: score[name].fmeasure for name in ROUGES}, {}


def squad_normalised(s):
    s = "".join(c for c in s.lower() if c not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", s).split())


def squad_f1(a, b):
    a, b = squad_normalised(a).split(), squad_normalised(b).split()
    if not a or not b:
        return float(a == b)
    same = sum((collections.Counter(a) & collections.Counter(b)).values())
    return 2 * same / (len(a) + len(b)) if same else 0.0


def squad_case(draw):
    predictions, references = texts(draw)
    no_answer = draw.random() < 0.3
    if no_answer:
        references = [[] if draw.random() < 0.4 else r for r in references]
        predictions = ["" if draw.random() < 0.3 else p for p in predictions]
    exact = f1 = 0
    for p, r in zip(predictions, references):
        gold = [a for a in r if squad_normalised(a)] or [""]  # evaluate-v2.0.py: questions without an answer have the empty one
        exact += max(squad_normalised(p) == squad_normalised(a) for a in gold)
        f1 += max(squad_f1(p, a) for a in gold)
    lines = [{"prediction": p, "references": r} for p, r in zip(predictions, references)]
    task = "question_answering" if no_answer else draw.choice(["question_answering", "generation"])
    return task, ["exact_match", "squad_f1"], lines, {"exact_match": exact / len(lines), "squad_f1": f1 / len(lines)}, {}


def squad_torchmetrics_case(draw):
    """torchmetrics has the formula of v1.1: where no text is empty after normalising, v2's is the same."""
    import torch
    from torchmetrics.functional.text import squad

    torch.set_default_dtype(torch.float64)
    predictions, references = texts(draw)
    fill = lambda s: s if squad_normalised(s) else "filled"
    predictions, references = list(map(fill, predictions)), [list(map(fill, r)) for r in references]
    given = [{"prediction_text": p, "id": str(i)} for i, p in enumerate(predictions)]
    wanted = [{"answers": {"answer_start": [0] * len(r), "text": r}, "id": str(i)} for i, r in enumerate(references)]
    result = squad(given, wanted)
    expected = {"exact_match": float(result["exact_match"]) / 100, "squad_f1": float(result["f1"]) / 100}
    return "question_answering", ["exact_match", "squad_f1"], [{"prediction": p, "references": r} for p, r in zip(predictions, references)], expected, {}


def seqeval_case(draw):
    strict = draw.random() < 0.4
    types = draw.sample(["PER", "LOC", "ORG", "new-type", "é", "x y"], draw.randint(1, 4))
    prefixes = ["B", "I"] if strict else draw.choice([["B", "I"], ["B", "I", "E", "S"]])
    tag = lambda: "O" if draw.random() < 0.4 else draw.choice(prefixes) + "-" + draw.choice(types)
    reference = [[tag() for _ in range(draw.randint(0, 9))] for _ in range(draw.choice([1, 2, 4, 8]))]
    prediction = [[tag() if draw.random() < 0.3 else t for t in row] for row in reference]
    arguments = dict(mode="strict", scheme=IOB2) if strict else {}
    scores = {"f1": f1_score, "precision": precision_score, "recall": recall_score}
    expected = {}
    for name, score in scores.items():
        for average in ["micro", "macro", "weighted"]:
            suffix = "" if average == "micro" else "_" + average
            try:
                expected[f"seqeval_{name}{suffix}"] = float(score(reference, prediction, average=average, zero_division=0, **arguments))
            except (ZeroDivisionError, ValueError, TypeError):  # no entities at all; some versions find no type to average over
                expected[f"seqeval_{name}{suffix}"] = math.nan if average == "macro" else 0.0
    found = sequence_labeling.get_entities(reference) if not strict else []
    if found:
        kind = draw.choice(found)[0]
        report = sequence_labeling.classification_report(reference, prediction, output_dict=True, zero_division=0)[kind]
        expected.update({f"seqeval_f1_{kind}": report["f1-score"], f"seqeval_precision_{kind}": report["precision"], f"seqeval_recall_{kind}": report["recall"]})
    if len(reference) > 1 and not strict:
        STDERR["seqeval_f1"] = jackknife(lambda rows: f1_score(pick(reference, rows), pick(prediction, rows), zero_division=0), len(reference))
    names = ["seqeval:strict=true"] if strict else list(expected)
    if strict:
        expected = {name: expected[name] for name in ["seqeval_f1", "seqeval_precision", "seqeval_recall"]}
    return "token_classification", names, [{"prediction": p, "reference": r} for p, r in zip(prediction, reference)], expected, {}


NAMES = ["a", "b", "good", "bad", "neutral", "négatif 👎", "two words", "X", "10", "-1"]


def labels_case(draw):
    names, n = draw.sample(NAMES, draw.randint(1, 6)), draw.choice([1, 2, 5, 20, 60])
    reference = [draw.choice(names) for _ in range(n)]
    prediction = [r if draw.random() < 0.5 else draw.choice(names) for r in reference]
    expected = {"balanced_accuracy": sk.balanced_accuracy_score(reference, prediction), "mcc": sk.matthews_corrcoef(reference, prediction)}
    return "classification", list(expected), [{"prediction": p, "reference": r} for p, r in zip(prediction, reference)], expected, {}


def calibration_error(probabilities, right, bins):
    bounds = np.arange(bins + 1) * (1 / bins)
    error = 0
    for low, high in zip(bounds[:-1], bounds[1:]):
        inside = (probabilities > low) & (probabilities <= high)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - probabilities[inside].mean())
    return float(error)


def probabilities_case(draw):
    names, n = sorted(draw.sample(NAMES, draw.randint(2, 5))), draw.choice([1, 2, 5, 30, 200])
    coarse = draw.random() < 0.5  # many ties
    rows = np.array([[draw.randint(1, 4) if coarse else draw.random() ** draw.choice([1, 6]) + 1e-9 for _ in names] for _ in range(n)], dtype=float)
    rows /= rows.sum(axis=1, keepdims=True)
    reference = [names[int(np.argmax(row))] if draw.random() < 0.4 else draw.choice(names) for row in rows]
    truth = np.array([[r == name for name in names] for r in reference], dtype=int)
    each = lambda score: [score(truth[:, k], rows[:, k]) for k in range(len(names))]
    area = lambda y, p: sk.roc_auc_score(y, p) if 0 < y.sum() < n else math.nan
    areas, precisions = each(area), each(sk.average_precision_score)
    if len(names) == 2:
        expected = {"auroc": area(truth[:, 1], rows[:, 1]), "average_precision": sk.average_precision_score(truth[:, 1], rows[:, 1]), "brier": sk.brier_score_loss(truth[:, 1], rows[:, 1])}
    else:
        auroc = sk.roc_auc_score(reference, rows, multi_class="ovr", labels=names) if len(set(reference)) == len(names) else math.nan
        expected = {"auroc": auroc, "average_precision": sk.average_precision_score(label_binarize(reference, classes=names), rows, average="macro"), "brier": float(((rows - truth) ** 2).sum(axis=1).mean())}
    expected["ece"] = calibration_error(rows.max(axis=1), np.array([names[k] == r for k, r in zip(rows.argmax(axis=1), reference)], dtype=float), 15)
    if len(names) == 2 and 1 < n <= 30:
        STDERR["auroc"] = jackknife(lambda chosen: area(truth[chosen, 1], rows[chosen, 1]) if 0 < truth[chosen, 1].sum() < n - 1 else math.nan, n)
        STDERR["average_precision"] = jackknife(lambda chosen: sk.average_precision_score(truth[chosen, 1], rows[chosen, 1]), n)
    k = draw.randrange(len(names))
    expected.update({f"auroc_{names[k]}": areas[k], f"average_precision_{names[k]}": precisions[k]})
    return "classification", list(expected), [{"probabilities": dict(zip(names, map(float, row))), "reference": r} for row, r in zip(rows, reference)], expected, {}


def label_sets_case(draw):
    names, n = sorted(draw.sample(NAMES, draw.randint(2, 5))), draw.choice([2, 5, 30])
    rows = np.array([[round(draw.random(), draw.choice([1, 9])) for _ in names] for _ in range(n)])
    truth = np.array([[draw.random() < 0.5 for _ in names] for _ in range(n)], dtype=int)
    answer = (rows > 0.5).astype(int)
    expected = {"average_precision": sk.average_precision_score(truth, rows, average="macro"), "accuracy": sk.accuracy_score(truth, answer)}
    expected["auroc"] = sk.roc_auc_score(truth, rows) if all(0 < column.sum() < n for column in truth.T) else math.nan
    for average in ["samples", "macro", "micro", "weighted"]:
        expected["f1_" + average] = sk.f1_score(truth, answer, average=average, zero_division=0)
    pick = lambda row: [name for name, there in zip(names, row) if there]
    lines = [{"probabilities": dict(zip(names, map(float, p))), "reference": pick(t)} for p, t in zip(rows, truth)]
    return "multi_label", list(expected), lines, expected, {}


def numbers_case(draw):
    n = draw.choice([1, 2, 3, 10, 100])
    scale, offset = 10 ** draw.uniform(-3, 3), draw.choice([0, 0, 1e3, 1e6, -1e9])
    coarse = draw.random() < 0.3
    one = lambda: offset + scale * (draw.randint(0, 3) if coarse else draw.gauss(0, 1))
    reference = [one() for _ in range(n)]
    prediction = [r + scale * draw.choice([0, 1]) * draw.gauss(0, 0.5) if draw.random() < 0.8 else one() for r in reference]
    if draw.random() < 0.05:
        prediction = [prediction[0]] * n
    different = n > 1 and len(set(prediction)) > 1 and len(set(reference)) > 1
    expected = {"pearson": float(stats.pearsonr(prediction, reference)[0]) if different else math.nan, "spearman": float(stats.spearmanr(prediction, reference)[0]) if different else math.nan,
                "mse": sk.mean_squared_error(reference, prediction), "rmse": float(np.sqrt(sk.mean_squared_error(reference, prediction))), "mae": sk.mean_absolute_error(reference, prediction)}
    if different and 3 < n <= 10:
        enough = lambda rows: len(set(pick(prediction, rows))) > 1 and len(set(pick(reference, rows))) > 1
        STDERR["spearman"] = jackknife(lambda rows: stats.spearmanr(pick(prediction, rows), pick(reference, rows))[0] if enough(rows) else math.nan, n)
    return "regression", list(expected), [{"prediction": p, "reference": r} for p, r in zip(prediction, reference)], expected, {}


def likelihoods_case(draw):
    n = draw.randint(1, 8)
    references = [words_text(draw) + "word" for _ in range(n)]
    nll = [draw.uniform(0, 300) for _ in range(n)]
    tokens = [draw.randint(1, 60) for _ in range(n)]
    words, size = sum(len(re.split(r"\s+", r.strip())) for r in references), sum(len(r.encode()) for r in references)
    expected = {"perplexity": math.exp(sum(nll) / sum(tokens)), "word_perplexity": math.exp(sum(nll) / words), "byte_perplexity": math.exp(sum(nll) / size), "bits_per_byte": sum(nll) / size / math.log(2)}
    return "language_modeling", list(expected), [{"nll": a, "nll_tokens": t, "reference": r} for a, t, r in zip(nll, tokens, references)], expected, {}


CASES = [bleu_case, chrf_case, rouge_case, stems_case, squad_case, squad_torchmetrics_case, seqeval_case, labels_case, probabilities_case, label_sets_case, numbers_case, likelihoods_case]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without", nargs="*", default=[], help="kinds to leave out")
    arguments = parser.parse_args()
    draw = random.Random(arguments.seed)
    cases = [case for case in CASES if case.__name__.removesuffix("_case") not in arguments.without]
    print(json.dumps({"written_by": "reference_values.py", "sacrebleu": sacrebleu.__version__, "scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "python": sys.version.split()[0]}))
    for number in range(arguments.cases):
        case = cases[number % len(cases)]
        STDERR.clear()
        task, names, lines, expected, signatures = case(draw)
        stderr = {name: value for name, value in STDERR.items() if not math.isnan(value) and name in expected}
        values = {name: None if math.isnan(value) else float(value) for name, value in expected.items()}
        print(json.dumps({"kind": case.__name__.removesuffix("_case"), "task": task, "metrics": names, "lines": lines, "expected": values, "stderr": stderr, "signature": signatures}))


if __name__ == "__main__":
    main()
