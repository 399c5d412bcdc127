"""Runs temper and lm-evaluation-harness on the same prompts: equal log-probabilities first, then rates. See README.md.

    compare.py [ROUNDS] [ITEMS_OF_THE_PEER]
"""
import csv
import json
import os
import pathlib
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import h5py

here = pathlib.Path(__file__).resolve().parent
root = here.parent.parent
shared = pathlib.Path(os.environ.get("TEMPER_SHARED", root.parent / "shared"))
train, test = shared / "data/tweets/train_1000.csv", shared / "data/tweets/test_1000.csv"
rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
peer_items = int(sys.argv[2]) if len(sys.argv) > 2 else 48
LABELS = ["negative", "neutral", "positive"]
SHOTS = 8


def make_model(folder):
    """GPT-2 of 124M parameters. Its weights are random, and wider than a training would begin with, so that labels differ clearly."""
    subprocess.run([sys.executable, "-c", f"""
import torch, shutil
from transformers import GPT2Config, GPT2LMHeadModel, GPT2Tokenizer
torch.manual_seed(0)
GPT2LMHeadModel(GPT2Config(initializer_range=0.06)).save_pretrained({str(folder)!r})
shutil.copy({str(shared / "tokenizers/gpt2/encoder.json")!r}, {str(folder / "vocab.json")!r})
shutil.copy({str(shared / "tokenizers/gpt2/vocab.bpe")!r}, {str(folder / "merges.txt")!r})
"""], check=True)


def rows(path):
    return [row for row in csv.DictReader(open(path, newline="", encoding="utf-8")) if row["text"]]


def shots():
    """The first rows of the train file, labels taking turns."""
    left, chosen = rows(train), []
    for i in range(SHOTS):
        row = next(row for row in left if row["sentiment"] == LABELS[i % 3])
        left.remove(row)
        chosen.append(row)
    return chosen


def harness(model, folder, count):
    before = "".join(f"Tweet: {row['text']}\nSentiment: {row['sentiment']}\n\n" for row in shots())
    pairs = [[f"{before}Tweet: {row['text']}\nSentiment:", " " + label] for row in rows(test)[:count] for label in LABELS]
    (folder / "work.json").write_text(json.dumps({"pairs": pairs, "batch_size": 16}))
    done = subprocess.run([sys.executable, here / "harness.py", model, folder / "work.json"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def temper(folder, model, name, count):
    with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["textID", "text", "sentiment"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows(test)[:count])
    (folder / f"{name}.toml").write_text(f"""
name = "{name}"
task = "classification"
metrics = ["accuracy"]
threads = 2
[dataset]
plugin = "csv"
train = "{train}"
test = "{folder / name}.csv"
id = "textID"
text = "text"
label = "sentiment"
on_bad_row = "drop"
[prompt]
input = "Tweet: {{text}}\\nSentiment:"
[model]
checkpoint = "{model}"
[[strategy]]
plugin = "few_shot"
shots = {SHOTS}
examples = {json.dumps([row["textID"] for row in shots()])}
""")
    def cpu():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    begin, cpu_begin = time.perf_counter(), cpu()
    subprocess.run([root / "build/bin/temper", "run", folder / f"{name}.toml", "--results", folder / "results", "--fresh"], check=True, capture_output=True)
    wall, cpu_seconds = time.perf_counter() - begin, cpu() - cpu_begin
    trial = h5py.File(folder / "results" / name / "study.h5")["trials/0001"]
    return len(trial["test/predictions/id"]), float(trial["cost"].attrs["predict_seconds"]), wall, cpu_seconds


def temper_logprobs(folder, name, count):
    """What the trial's checkpoint answers to the same items: `logits` are the labels' log-probabilities."""
    lines = "".join(json.dumps({"text": row["text"]}) + "\n" for row in rows(test)[:count])
    done = subprocess.run([root / "build/bin/temper", "predict", folder / "results" / name, "--trial", "1", "--logits"], input=lines, check=True, capture_output=True, text=True)
    return [logprob for line in done.stdout.splitlines() for logprob in json.loads(line)["logits"]]


def choices(logprobs):
    return [max(range(3), key=logprobs[i:i + 3].__getitem__) for i in range(0, len(logprobs), 3)]


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    model = folder / "gpt2"
    model.mkdir()
    make_model(model)
    everything = len(rows(test))
    temper(folder, model, "all", everything)
    rates = {"temper, all tweets": [], f"temper, {peer_items} tweets": [], f"lm-evaluation-harness, {peer_items} tweets": []}
    ours, walls, cpus, their_cpus = temper_logprobs(folder, "all", peer_items), [], [], []
    for _ in range(rounds):
        theirs = harness(model, folder, peer_items)
        furthest = max(abs(a - b) for a, b in zip(ours, theirs["logprobs"], strict=True))
        if furthest > 1e-3 or choices(ours) != choices(theirs["logprobs"]):
            sys.exit(f"the log-probabilities differ by up to {furthest}: nothing is timed")
        for label, count in zip(list(rates)[:2], [everything, peer_items]):
            items, seconds, wall, cpu = temper(folder, model, "all" if count == everything else "some", count)
            rates[label].append(items / seconds)
            if count == everything:
                cpus.append(cpu / items)
            else:
                walls.append(wall)
        rates[list(rates)[2]].append(peer_items / theirs["seconds"])
        their_cpus.append(theirs["cpu_seconds"] / peer_items)
    print(f"log-probabilities of {len(ours)} labels: furthest apart {furthest:.2e}, all choices equal ({[choices(ours).count(i) for i in range(3)]} of each label)")
    print(f"{platform.processor() or platform.machine()}, 2 threads, {rounds} rounds; items per second: median (lowest to highest)")
    for label, values in rates.items():
        print(f"  {label:36} {statistics.median(values):8.3f}  ({min(values):.3f} to {max(values):.3f})")
    for label in list(rates)[:2]:
        print(f"  {label} / harness: {statistics.median(rates[label]) / statistics.median(rates[list(rates)[2]]):.1f}")
    print(f"  set-up: temper {min(walls):.1f} s for the whole command on {peer_items} tweets, harness {theirs['setup_seconds']:.1f} s before the first prompt")
    print(f"  CPU seconds per item: temper {min(cpus):.4f} (the whole command on all tweets), harness {min(their_cpus):.4f} (scoring alone): {min(their_cpus) / min(cpus):.1f} times")
