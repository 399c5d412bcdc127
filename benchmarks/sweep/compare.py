"""Runs a sweep in temper and as a grid over Hugging Face Trainer: equal results first, then seconds to the whole table. See README.md."""
import argparse
import csv
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import h5py

here = pathlib.Path(__file__).resolve().parent
root = here.parent.parent
shared = pathlib.Path(os.environ.get("TEMPER_SHARED", root.parent / "shared"))
parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("minilm", type=pathlib.Path, help="the folder of all-MiniLM-L6-v2")
parser.add_argument("--work", nargs="+", choices=["full", "last_layer"], default=["full", "last_layer"])
parser.add_argument("--rounds", type=int, default=1, help="a seed each")
parser.add_argument("--seeds", type=int, default=5, help="of temper, to know what a seed alone changes")
parser.add_argument("--rates", nargs="+", default=["2e-5", "5e-5", "1e-4"])
parser.add_argument("--batches", nargs="+", type=int, default=[16, 32])
parser.add_argument("--epochs", nargs="+", type=int, default=[1, 2, 3])
parser.add_argument("--rows", type=int, default=1000, help="of each of the two files")
parser.add_argument("--temper", type=pathlib.Path, default=root / "build/bin/temper")
given = parser.parse_args()
sys.stdout.reconfigure(line_buffering=True)
STRATEGY = {"full": 'tune = "full"', "last_layer": 'tune = "last_layers"\nlast_layers = 1'}


def make_model(folder):
    """MiniLM as it is, with a classifier of seed 0: both sides begin with this folder."""
    subprocess.run([sys.executable, "-c", f"""
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer
torch.manual_seed(0)
names = ["negative", "neutral", "positive"]
AutoModelForSequenceClassification.from_pretrained({str(given.minilm)!r}, num_labels=3, id2label=dict(enumerate(names)), label2id={{name: i for i, name in enumerate(names)}}).save_pretrained({str(folder)!r})
AutoTokenizer.from_pretrained({str(given.minilm)!r}).save_pretrained({str(folder)!r})
"""], check=True, capture_output=True)


def first_rows(source, target):
    """The first rows that have a text, for both sides."""
    with open(source, newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["text"]][:given.rows]
    with open(target, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return target


def timed(command):
    start = time.perf_counter()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout}\n{done.stderr}")
    return seconds, done.stdout


def peer(*arguments):
    seconds, out = timed([sys.executable, here / "hf_grid.py", model, train, validation, *arguments])
    return {"process": seconds, **json.loads(out.strip().splitlines()[-1])}


def grid(seed, work):
    return peer(work, seed, ",".join(given.rates), ",".join(map(str, given.batches)), ",".join(map(str, given.epochs)))


def temper(name, strategy, training, axes, seeds=(1,)):
    file = folder / f"{name}.toml"
    file.write_text(f"""
name = "{name}"
task = "classification"
threads = 2
seeds = {list(seeds)}
[dataset]
plugin = "csv"
train = "{train}"
validation = "{validation}"
text = "text"
label = "sentiment"
[model]
checkpoint = "{model}"
[training]
{training}
[sweep]
{axes}
[[strategy]]
plugin = "supervised"
{strategy}
""")
    seconds, _ = timed([given.temper, "run", file, "--results", folder / "results", "--fresh"])
    trials = []
    for trial in h5py.File(folder / "results" / name / "study.h5")["trials"].values():
        options, cost = trial["parameters"].attrs, trial["cost"].attrs
        trials.append({"rate": float(options["training.learning_rate"]), "batch": int(options["training.batch_size"]), "epochs": float(options["training.epochs"]),
                       "seconds": cost["train_seconds"], "trained": int(cost["trainable_parameters"]), "before": trial["evaluation/train_loss"][0],
                       "loss": list(trial["evaluation/validation_loss"][1:]), "accuracy": list(trial["evaluation/validation_accuracy"][1:])})
    return {"process": seconds, "trials": trials}


def sweep(name, work, epochs, seeds):
    return temper(name, STRATEGY[work], 'lr_scheduler_type = "constant"\nbf16 = true\ntrain_probe = 1',
                  f"learning_rate = [{', '.join(given.rates)}]\nbatch_size = {given.batches}\nepochs = {list(epochs)}", seeds)


def chosen(trials, rate, batch, epochs):
    return [trial for trial in trials if trial["rate"] == float(rate) and trial["batch"] == batch and trial["epochs"] == epochs]


def compare_tables(ours, theirs):
    """At every point of the table Trainer's mean over its rounds must lie near temper's over its seeds, in units of what seeds make."""
    print(f"  validation loss and accuracy: temper over {given.seeds} seeds, mean and standard deviation | Trainer over {len(theirs)} seeds, mean")
    apart, longest = [], max(given.epochs)
    for rate in given.rates:
        for batch in given.batches:
            seeds = chosen(ours["trials"], rate, batch, longest)
            for epochs in given.epochs:
                cells = []
                for name, form, least in (("loss", ".4f", 5e-3), ("accuracy", ".3f", 1e-2)):
                    own = [trial[name][epochs - 1] for trial in seeds]
                    mean, deviation = statistics.mean(own), statistics.stdev(own) if len(own) > 1 else float("inf")
                    other = statistics.mean(chosen(run["trials"], rate, batch, epochs)[0][name][-1] for run in theirs)
                    cells.append(f"{mean:{form}} +- {deviation:{form}} | {other:{form}}")
                    if abs(mean - other) > 4 * deviation + least:
                        apart.append(f"{name} at rate {rate}, batch {batch}, {epochs} epochs")
                print(f"    rate {rate}, batch {batch}, {epochs} epochs:  {'   '.join(cells)}")
    if apart:
        sys.exit("the tables differ by more than seeds do, the times mean nothing: " + "; ".join(apart))


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    model = folder / "minilm"
    make_model(model)
    train, validation = (first_rows(shared / "data/tweets" / file, folder / file) for file in ("train_1000.csv", "test_1000.csv"))
    before = temper("loss", STRATEGY["full"], "max_steps = 1\ntrain_probe = 100000", "learning_rate = [1e-5]")["trials"][0]["before"]
    other = peer("loss")["loss"]
    print(f"mean loss of the train tweets before training: temper {before:.6f}, transformers {other:.6f}")
    if abs(before - other) > 1e-4:
        sys.exit("the losses differ: nothing is timed")
    for work in given.work:
        sides = [], []
        for seed in range(1, given.rounds + 1):
            sides[0].append(sweep(work, work, given.epochs, [seed]))
            sides[1].append(grid(seed, work))
            for side, run in zip(("temper", "Trainer"), (each[-1] for each in sides)):
                print(f"  {work}, seed {seed}, {side}: {len(run['trials'])} trials in {run['process']:.1f} s, training {sum(trial['seconds'] for trial in run['trials']):.1f} s")
        counts = {trial["trained"] for side in sides for run in side for trial in run["trials"]}
        if len(counts) != 1:
            sys.exit(f"{work}: the two sides train different numbers of parameters: {sorted(counts)}")
        print(f"{work}, {counts.pop():,} parameters")
        compare_tables(sweep(work + "_seeds", work, [max(given.epochs)], range(1, given.seeds + 1)), sides[1])
        ours, theirs = (statistics.median(run["process"] for run in side) for side in sides)
        print(f"{work}, {platform.processor() or platform.machine()}, 2 threads, {given.rounds} rounds: temper {ours:.1f} s, Trainer {theirs:.1f} s to the same table: {theirs / ours:.2f} times as fast")
