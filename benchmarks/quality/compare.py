"""Runs an experiment in temper and the same training in Hugging Face, over the same seeds: equal items and metrics first, then the table. See README.md.

    compare.py TASK [--seeds 1 2 3] [--set PATH=VALUE]     TASK: wnut17, squad, pubmedqa, tweets_minilm, wikitext2, shakespeare, or an experiment file
"""
import argparse
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import h5py
import scipy.stats

import metrics

here = pathlib.Path(__file__).resolve().parent
root = here.parent.parent
# What a sweep's validation split chose; a single trial per seed is compared.
CHOSEN = {"tweets_minilm": ["sweep.learning_rate=[1e-4]", "sweep.batch_size=[32]", "sweep.epochs=[2]"]}
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("task")
parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
parser.add_argument("--set", action="append", default=[], help="changes the experiment for both sides")
parser.add_argument("--threads", type=int, default=2, help="of each side")
parser.add_argument("--folder", type=pathlib.Path, help="keeps what has run there, and goes on from it; by default a temporary one")
parser.add_argument("--temper", default=root / "build/bin/temper")
given = parser.parse_args()
sys.stdout.reconfigure(line_buffering=True)


def run(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stderr}")
    return done.stdout


def plain(value):
    """An HDF5 attribute as JSON has it."""
    return value.tolist() if hasattr(value, "tolist") else value


def trained_trials(folder):
    """What temper recorded of the trials that the peer can repeat, by strategy and seed."""
    file = root / f"experiments/{given.task}.toml"
    file = file if file.exists() else pathlib.Path(given.task)
    sets = [f"seeds={given.seeds}", f"threads={given.threads}", *CHOSEN.get(file.stem, []), *given.set]
    run([given.temper, "run", file, "--results", folder, *(word for change in sets for word in ("--set", change))])
    (study,) = folder.glob("*/study.h5")
    trials = {}
    with h5py.File(study) as record:
        for trial in record["trials"].values():
            options = {name: plain(value) for name, value in trial["parameters"].attrs.items()}
            if options["plugin"] not in ("supervised", "domain_adaptive"):
                continue
            answers = trial["test/predictions"]
            found = {name: float(value) for name, value in trial["test/metrics"].attrs.items()}
            curves = trial["evaluation"]
            curves = {name: (float(curves[name][0]), float(curves[name][-1])) for name in ("validation_loss", "forgetting_loss") if name in curves}
            read = {name: [metrics.read_back(options["task"], cell) for cell in answers[name].asstr()[:]] for name in ("prediction", "reference")}
            mine = trials.setdefault(trial.attrs["strategy"], {})
            if int(trial.attrs["seed"]) in mine:
                sys.exit(f"{file} sweeps: choose one trial per seed with --set")
            mine[int(trial.attrs["seed"])] = {
                "options": options, "metrics": found, "curves": curves, **read, "steps": int(trial["training/step"][-1]), "parameters": int(trial["cost"].attrs["trainable_parameters"]),
                "seconds": float(trial["cost"].attrs["train_seconds"]),
                "targets": int(trial["test/statistics/perplexity/rows"][:, 1].sum()) if "test/statistics/perplexity" in trial else None}
    return trials


def check(ours, theirs):
    """Stops where the two sides did not do the same work, or do not measure the same."""
    def same(what, mine, other, tolerance=0.0):
        if abs(mine - other) > tolerance:
            sys.exit(f"{what}: temper {mine}, Hugging Face {other}: nothing is compared")

    items = ours["prediction" if ours["targets"] else "reference"]  # a language model repeats the text that it was scored on
    if sorted(map(json.dumps, items)) != sorted(map(json.dumps, theirs["references"])):
        sys.exit("the test items differ: nothing is compared")
    same("optimizer steps", ours["steps"], theirs["steps"])
    same("trained parameters", ours["parameters"], theirs["parameters"])
    if ours["targets"] is not None:
        same("tokens to predict in the test text", ours["targets"], theirs["targets"])
        for name, value in theirs["start"].items():
            same(f"{name} before training", ours["curves"][name][0], value, 2e-3)  # products in bfloat16
        return
    for name, value in metrics.score(ours["options"]["task"], ours["prediction"], ours["reference"]).items():
        if name in ours["metrics"]:
            same(f"temper's answers scored by the peer's {name}", ours["metrics"][name], value, 1e-6)


def summary(values):
    spread = f" +- {statistics.stdev(values):.4f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.4f}{spread}"


def verdict(ours, theirs):
    """Whether a Student interval of 95 % around the difference of the means holds 0; both sides' deviations pooled."""
    count = len(ours)
    if count < 2:
        return "", math.nan
    pooled = math.sqrt((statistics.variance(ours) + statistics.variance(theirs)) / 2)
    margin = scipy.stats.t.ppf(0.975, 2 * count - 2) * pooled * math.sqrt(2 / count)
    return "within" if abs(statistics.mean(ours) - statistics.mean(theirs)) <= margin else "APART", margin


def peer(folder, trial, seed, strategy):
    """The same training in Hugging Face, unless the folder has it already."""
    done = folder / f"{strategy}_{seed}.json"
    if done.exists():
        kept = json.loads(done.read_text())
        if kept["options"] == trial["options"]:
            return kept
    options = folder / f"{strategy}_{seed}_options.json"
    options.write_text(json.dumps(trial["options"]))
    found = json.loads(run([sys.executable, here / "hf_tasks.py", options, seed, given.threads]).strip().splitlines()[-1])
    done.write_text(json.dumps({**found, "options": trial["options"]}))
    return found


with tempfile.TemporaryDirectory() as name:
    folder = given.folder or pathlib.Path(name)
    for strategy, trials in trained_trials(folder / "results").items():
        peers = {}
        for seed, trial in trials.items():
            peers[seed] = peer(folder, trial, seed, strategy)
            check(trial, peers[seed])
            print(f"  seed {seed}: temper trained {trial['seconds']:.1f} s, Hugging Face {peers[seed]['seconds']:.1f} s", file=sys.stderr)
        first = peers[given.seeds[0]]
        print(f"{given.task}, {strategy}: {len(first['references'])} test items, {first['steps']} steps, {first['parameters']:,} parameters; seeds {given.seeds}; {first['versions']}")
        print(f"  {'':18} {'temper':>18} {'Hugging Face':>18} {'difference':>11} {'margin':>8}         {'of items':>9}")
        for metric in first["metrics"]:
            ours = [trial["curves"][metric][1] if metric in trial["curves"] else trial["metrics"].get(metric) for trial in trials.values()]
            if None in ours:
                continue
            theirs = [each["metrics"][metric] for each in peers.values()]
            word, margin = verdict(ours, theirs)
            items = statistics.mean(trial["metrics"].get(metric + "_stderr", math.nan) for trial in trials.values())
            print(f"  {metric:18} {summary(ours):>18} {summary(theirs):>18} {statistics.mean(ours) - statistics.mean(theirs):>+11.4f} {margin:>8.4f} {word:7} {items:>8.4f}")
