"""Runs temper and Hugging Face Trainer in turn above MiniLM's frozen layers: equal losses first, then seconds. See README.md."""
import argparse
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
train, validation = shared / "data/tweets/train_1000.csv", shared / "data/tweets/test_1000.csv"
parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("minilm", type=pathlib.Path, help="the folder of all-MiniLM-L6-v2")
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--work", nargs="+", choices=["head", "six heads", "last layer"], default=["head", "six heads", "last layer"])
parser.add_argument("--temper", default=root / "build/bin/temper")
given = parser.parse_args()
sys.stdout.reconfigure(line_buffering=True)
TRAINING = "batch_size = 16\nepochs = 5\nbf16 = true\ntrain_probe = 1"
SEEDS = 5  # of temper, to know what a seed alone changes
RATES = ["1e-5", "5e-5", "1e-4", "5e-4", "1e-3", "2e-3"]
# What is compared: how temper says it, how the peer does, and the learning rates.
WORK = {"head": ('tune = "head"', "head", ["1e-3"]), "six heads": ('tune = "head"', "head", RATES), "last layer": ('tune = "last_layers"\nlast_layers = 1', "last_layer", ["5e-5"])}
WORK = {work: WORK[work] for work in given.work}
SIDES = ("temper", "Trainer at its best", "Trainer as in its examples")


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


def timed(command):
    start = time.perf_counter()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stderr}")
    return seconds, done.stdout


def peer(model, *arguments):
    seconds, out = timed([sys.executable, here / "hf_trainer.py", model, train, validation, *arguments])
    return {"process": seconds, **json.loads(out.strip().splitlines()[-1])}


def temper(folder, model, name, strategy, training, rates, seeds=(1,)):
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
on_bad_row = "drop"
text = "text"
label = "sentiment"
[model]
checkpoint = "{model}"
[training]
{training}
[sweep]
learning_rate = [{", ".join(rates)}]
[[strategy]]
plugin = "supervised"
{strategy}
""")
    seconds, _ = timed([given.temper, "run", file, "--results", folder / "results", "--fresh"])
    trials = h5py.File(folder / "results" / name / "study.h5")["trials"]
    return {"process": seconds, "trials": [
        {"seconds": trial["cost"].attrs["train_seconds"], "trained": int(trial["cost"].attrs["trainable_parameters"]), "loss": list(trial["evaluation/validation_loss"][1:]),
         "accuracy": list(trial["evaluation/validation_accuracy"][1:]), "before": trial["evaluation/train_loss"][0]} for trial in (trials[number] for number in sorted(trials))]}


def compare_curves(rates, ours, theirs):
    """At every rate and epoch Trainer's mean over its rounds must lie near temper's over its seeds, in units of what seeds make."""
    print(f"  validation loss and accuracy after each epoch, or after the last: temper over {SEEDS} seeds, mean and standard deviation | Trainer over {len(theirs)} rounds, mean")
    apart = []
    for place, rate in enumerate(rates):
        for epoch in range(5):
            cells = []
            for name, form, least in (("loss", ".4f", 1e-2), ("accuracy", ".3f", 1e-2)):
                own = [trial[name][epoch] for trial in ours["trials"][place * SEEDS:(place + 1) * SEEDS]]
                mean, deviation, other = statistics.mean(own), statistics.stdev(own), statistics.mean(run["trials"][place][name][epoch] for run in theirs)
                cells.append(f"{mean:{form}} +- {deviation:{form}} | {other:{form}}")
                if abs(mean - other) > 4 * deviation + least:
                    apart.append(f"{name} at rate {rate}, epoch {epoch + 1}")
            if len(rates) == 1 or epoch == 4:
                print(f"    rate {rate}, epoch {epoch + 1}:  {'   '.join(cells)}")
    if apart:
        sys.exit("the curves differ by more than seeds do, the times mean nothing: " + "; ".join(apart))


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    model = folder / "minilm"
    make_model(model)
    ours, theirs = temper(folder, model, "loss", 'tune = "head"', "max_steps = 1\ntrain_probe = 100000", ["1e-5"])["trials"][0]["before"], peer(model, "loss")["loss"]
    print(f"mean loss of the train tweets before training: temper {ours:.6f}, transformers {theirs:.6f}")
    if abs(ours - theirs) > 1e-4:
        sys.exit("the losses differ: nothing is timed")
    precision = {}
    for tune in dict.fromkeys(tune for _, tune, _ in WORK.values()):
        seconds = {each: peer(model, tune, each, 30, 1, "5e-5")["trials"][0]["seconds"] for each in ("bf16", "f32")}
        precision[tune] = min(seconds, key=seconds.get)
        print(f"Trainer, {tune}, 30 steps: bf16 {seconds['bf16']:.2f} s, f32 {seconds['f32']:.2f} s; it runs in {precision[tune]}")
    sides = {work: ([], [], []) for work in WORK}
    for seed in range(1, given.rounds + 1):
        for work, (strategy, tune, rates) in WORK.items():
            sides[work][0].append(temper(folder, model, work.replace(" ", "_"), strategy, TRAINING, rates, (seed,)))
            sides[work][1].append(peer(model, tune, precision[tune], 0, seed, *rates))
            examples = [peer(model, tune, "examples", 0, seed, rate) for rate in rates]  # a process each
            sides[work][2].append({"process": sum(run["process"] for run in examples), "trials": [trial for run in examples for trial in run["trials"]]})
            for side, run in zip(SIDES, (each[-1] for each in sides[work])):
                print(f"  round {seed}, {work}, {side}: {run['process']:.2f} s, training {sum(trial['seconds'] for trial in run['trials']):.2f} s", flush=True)
    print(f"{platform.processor() or platform.machine()}, 2 threads, {given.rounds} rounds; seconds: median (lowest to highest)")
    for work, (ours, theirs, examples) in sides.items():
        if ours[0]["trials"][0]["trained"] != theirs[0]["trials"][0]["trained"]:
            sys.exit(f"{work}: temper trains {ours[0]['trials'][0]['trained']} parameters, Trainer {theirs[0]['trials'][0]['trained']}")
        print(f"{work} ({len(ours[0]['trials'])} x {ours[0]['trials'][0]['trained']:,} parameters)")
        strategy, _, rates = WORK[work]
        compare_curves(rates, temper(folder, model, "seeds", strategy, TRAINING, rates, range(1, SEEDS + 1)), theirs)
        seconds = {"whole process": lambda run: run["process"], "training alone": lambda run: sum(trial["seconds"] for trial in run["trials"])}
        for what, of in seconds.items():
            values = [[of(run) for run in side] for side in (ours, theirs, examples)]
            cells = [f"{side} {statistics.median(value):.2f} ({min(value):.2f} to {max(value):.2f})" for side, value in zip(SIDES, values)]
            ratios = [f"{statistics.median(value) / statistics.median(values[0]):.1f}" for value in values[1:]]
            print(f"  {what:14}  {'   '.join(cells)}   ratios {' and '.join(ratios)}")
