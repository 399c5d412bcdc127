"""Kills a study with -9 at random moments until it is done, and compares it with one that was left alone.

    kill_test.py [--temper build/bin/temper] [--kills 100] [--seed 1] [--workers 2] [--cut]

24 short trials: full fine-tuning, adapters, frozen layers, and strategies that go on from others. --cut: after each kill a file of the study
is cut at a random byte. Prints what differs, and how many optimizer steps ran again after a kill; exit status 1 where something differs, or
where more than a snapshot's interval ran again.
"""
import argparse
import json
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

from compare_studies import differences

EXPERIMENT = """
name = "killed"
task = "classification"
threads = 1
seeds = [1, 2]
[dataset]
plugin = "jsonl"
train = "train.jsonl"
validation = 0.25
test = "test.jsonl"
[model]
checkpoint = "model"
[training]
epochs = 4
batch_size = 8
logging_steps = 1
eval_steps = 5
snapshot_steps = {snapshot_steps}
keep = "best"
[sweep]
learning_rate = [1e-3, 1e-2]
[[strategy]]
plugin = "supervised"
name = "full"
training = {{ epochs = [2, 4], lr_scheduler_type = "constant" }}
[[strategy]]
plugin = "supervised"
name = "lora"
tune = "lora"
[[strategy]]
plugin = "supervised"
name = "head"
tune = "head"
[[strategy]]
plugin = "supervised"
name = "further"
from = "lora"
training = {{ learning_rate = 1e-3 }}
[[strategy]]
plugin = "majority"
[[strategy]]
plugin = "supervised"
name = "last"
tune = "last_layers"
last_layers = 1
from_best = "full"
training = {{ learning_rate = 1e-3 }}
"""
SNAPSHOT_STEPS = 3
WORDS = ["fine", "best", "fun", "bright", "thin", "worst", "dull", "grey"]


def write_inputs(folder):
    rng = random.Random(3)
    for name, count in (("train", 48), ("test", 16)):
        rows = []
        for i in range(count):
            good = rng.random() < 0.5
            ids = [1] + [rng.randrange(10, 20) if rng.random() < 0.4 else (rng.randrange(20, 30) if good else rng.randrange(30, 40)) for _ in range(rng.randrange(4, 12))]
            rows.append(json.dumps({"id": f"{name}-{i}", "input_ids": ids, "label": "good" if good else "bad"}))
        (folder / f"{name}.jsonl").write_text("\n".join(rows) + "\n")
    (folder / "model").mkdir()
    # A config alone: weights are drawn from each trial's seed, which is noted before training begins.
    (folder / "model/config.json").write_text(json.dumps(
        {"model_type": "bert", "architectures": ["BertModel"], "vocab_size": 48, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
         "intermediate_size": 64, "max_position_embeddings": 32}))
    (folder / "killed.toml").write_text(EXPERIMENT.format(snapshot_steps=SNAPSHOT_STEPS))


def lost_steps(study):
    """Of each trial that a kill left with a snapshot: the optimizer steps in its events that came after that snapshot, which run again."""
    lost = [0]
    for snapshot in study.glob("trials/*/snapshot/*.safetensors"):
        with open(snapshot, "rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        offset = json.loads(header["__metadata__"]["state"])["observer"]
        lost.append((snapshot.parents[1] / "events.jsonl").read_bytes()[offset:].count(b'"learning_rate"'))
    return max(lost)


def cut_a_file(study, rng):
    files = [path for path in study.rglob("*") if path.is_file() and path.stat().st_size > 0]
    if files:
        path = rng.choice(files)
        with open(path, "r+b") as file:
            file.truncate(rng.randrange(path.stat().st_size))
        return path


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--temper", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2] / "build/bin/temper")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cut", action="store_true")
    arguments = parser.parse_args()
    temper = str(arguments.temper.resolve())
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_inputs(folder)
        begun = time.monotonic()
        alone = subprocess.run([temper, "run", "killed.toml", "--results", "alone", "--workers", str(arguments.workers)], cwd=folder, capture_output=True, text=True)
        whole = time.monotonic() - begun
        if alone.returncode:
            sys.exit(alone.stderr)
        study = folder / "results/killed"
        kills, ended, longest, cuts = 0, 0, 0, []
        while kills < arguments.kills:
            run = subprocess.Popen([temper, "run", "killed.toml", "--workers", str(arguments.workers)], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            # Short lives at first glance end before anything is won; some must be long enough to go on.
            try:
                run.wait(timeout=rng.uniform(0.02, whole / 3))
            except subprocess.TimeoutExpired:
                run.send_signal(signal.SIGKILL)
                kills += 1
            run.wait()
            if run.returncode not in (0, -signal.SIGKILL):
                sys.exit(f"after {kills} kills the study ended with status {run.returncode}:\n{run.stderr.read().decode()}")
            longest = max(longest, lost_steps(study))
            if arguments.cut and run.returncode != 0:
                cuts.append(cut_a_file(study, rng))
            if run.returncode == 0:
                ended += 1
                subprocess.run(["rm", "-rf", str(folder / "results")], check=True)  # done before all kills: from the beginning
        last = subprocess.run([temper, "run", "killed.toml", "--workers", str(arguments.workers)], cwd=folder, capture_output=True, text=True)
        if last.returncode:
            sys.exit(f"the last run ended with status {last.returncode}:\n{last.stderr}")
        found = differences(folder / "alone/killed/study.h5", study / "study.h5")
        trials = len(list(study.glob("trials/*")))
        print(f"{trials} trials, {kills} kills{', as many cut files' if arguments.cut else ''}, done {ended} times in between; left alone it takes {whole:.1f} s")
        print(f"at most {longest} optimizer steps of a trial ran again after a kill; a snapshot is written every {SNAPSHOT_STEPS}")
        print("\n".join(found) or "equal to the study that was left alone")
        return 1 if found or (longest > SNAPSHOT_STEPS and not arguments.cut) else 0


if __name__ == "__main__":
    sys.exit(main())
