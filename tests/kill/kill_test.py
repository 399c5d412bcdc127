"""Kills a study with -9 at random moments until it is done, and compares it with one that was left alone.

    kill_test.py [--temper build/bin/temper] [--kills 100] [--seed 1] [--workers 2] [--cut | --small-disk]

24 short trials: full fine-tuning, adapters, frozen layers, and strategies that go on from others. --cut: after each kill a file of the study
is cut at a random byte. --small-disk: no kills; the study is written on small full disks (tmpfs in a mount namespace of its own, so by root
or where users may have namespaces; exit status 77 elsewhere), which then grow. Prints what differs, and how many optimizer steps ran again
after a kill; exit status 1 where something differs, or where more than a snapshot's interval ran again.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
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
    """Its name and what is left of it."""
    files = sorted(path for path in study.rglob("*") if path.is_file() and path.stat().st_size > 0)
    if not files:
        return "nothing to cut"
    path = rng.choice(files)
    size = path.stat().st_size
    left = rng.randrange(size)
    os.truncate(path, left)
    return f"{path.relative_to(study)} cut to {left} of {size} bytes"


class Runs:
    """The program, and the folder in which it runs."""

    def __init__(self, folder, arguments):
        self.folder = folder
        self.command = [str(arguments.temper.resolve()), "run", "killed.toml", "--workers", str(arguments.workers)]

    def to_its_end(self, results="results"):
        return subprocess.run([*self.command, "--results", results], cwd=self.folder, capture_output=True, text=True)

    def begin(self):
        self.errors = open(self.folder / "stderr.txt", "w+")
        return subprocess.Popen([*self.command, "--results", "results"], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=self.errors)

    def said(self):
        return (self.folder / "stderr.txt").read_text()


def kill_until_done(runs, whole, arguments, rng):
    folder, study = runs.folder, runs.folder / "results/killed"
    kills, ended, longest, cuts = 0, 0, 0, []
    while kills < arguments.kills:
        run = runs.begin()
        # Short lives at first glance end before anything is won; some must be long enough to go on.
        try:
            run.wait(timeout=rng.uniform(0.02, whole / 3))
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            kills += 1
        run.wait()
        if run.returncode not in (0, -signal.SIGKILL):
            sys.exit(f"after {kills} kills the study ended with status {run.returncode}; {'; '.join(cuts[-3:])}\n{runs.said()}")
        if run.returncode == 0:
            ended += 1
            found = differences(folder / "alone/killed/study.h5", study / "study.h5")
            if found:
                sys.exit(f"after {kills} kills the study is another one; {'; '.join(cuts[-3:])}\n" + "\n".join(found))
            shutil.rmtree(folder / "results")  # done before all kills: from the beginning
            continue
        if not arguments.cut:
            longest = max(longest, lost_steps(study))
        else:
            cuts.append(cut_a_file(study, rng))
            if arguments.verbose:
                print(cuts[-1], flush=True)
    last = runs.to_its_end()
    if last.returncode:
        sys.exit(f"the last run ended with status {last.returncode}; {'; '.join(cuts[-3:])}\n{last.stderr}")
    found = differences(folder / "alone/killed/study.h5", study / "study.h5")
    print(f"{kills} kills{', as many cut files' if arguments.cut else ''}, done {ended} times in between")
    if not arguments.cut:  # a cut snapshot is begun anew, and no promise
        print(f"at most {longest} optimizer steps of a trial ran again after a kill; a snapshot is written every {SNAPSHOT_STEPS}")
    return found, longest > SNAPSHOT_STEPS


def fill_disks(runs, arguments, rng):
    folder = runs.folder
    needed = sum(path.stat().st_size for path in (folder / "alone").rglob("*") if path.is_file())
    disk, full = folder / "disk", 0
    disk.mkdir()
    for number in range(arguments.disks):
        size = rng.randrange(64 << 10, needed)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)], check=True)
        first = runs.to_its_end("disk")
        if first.returncode not in (0, 1) or first.returncode == 1 and "No space left on device" not in first.stderr:
            sys.exit(f"on a disk of {size} bytes the study ended with status {first.returncode}:\n{first.stderr}")
        full += first.returncode
        if arguments.verbose:
            print(f"{size} bytes: status {first.returncode}: {first.stderr[-600:]}", flush=True)
        subprocess.run(["mount", "-o", "remount,size=256m", str(disk)], check=True)
        second = runs.to_its_end("disk")
        if second.returncode:
            sys.exit(f"after a disk of {size} bytes grew the study ended with status {second.returncode}:\n{second.stderr}")
        found = differences(folder / "alone/killed/study.h5", disk / "killed/study.h5")
        if found:
            sys.exit(f"after a disk of {size} bytes grew the study is another one:\n" + "\n".join(found))
        subprocess.run(["umount", str(disk)], check=True)
    print(f"{arguments.disks} disks of less than the {needed} bytes that the study takes, {full} of them full; done after each grew")
    return [], full == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--temper", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2] / "build/bin/temper")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cut", action="store_true", help="cut a file of the study after each kill")
    parser.add_argument("--small-disk", action="store_true", help="full disks instead of kills")
    parser.add_argument("--disks", type=int, default=5, help="how many, with --small-disk")
    parser.add_argument("--verbose", action="store_true", help="tell every cut, and what a full disk led to")
    arguments = parser.parse_args()
    if arguments.small_disk and "TEMPER_OWN_MOUNTS" not in os.environ:
        if not shutil.which("unshare") or subprocess.run(["unshare", "--map-root-user", "--mount", "true"], capture_output=True).returncode:
            print("no disk can be mounted here: neither root nor a user namespace of one's own")
            return 77
        os.environ["TEMPER_OWN_MOUNTS"] = "1"  # they end with this process, however that ends
        os.execvp("unshare", ["unshare", "--map-root-user", "--mount", sys.executable, *sys.argv])
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as name:
        runs = Runs(pathlib.Path(name), arguments)
        write_inputs(runs.folder)
        begun = time.monotonic()
        alone = runs.to_its_end("alone")
        whole = time.monotonic() - begun
        if alone.returncode:
            sys.exit(alone.stderr)
        trials = len(list((runs.folder / "alone/killed/trials").iterdir()))
        print(f"{trials} trials; left alone they take {whole:.1f} s", flush=True)
        found, too_much = fill_disks(runs, arguments, rng) if arguments.small_disk else kill_until_done(runs, whole, arguments, rng)
        print("\n".join(found) or "equal to the study that was left alone")
        return 1 if found or too_much else 0


if __name__ == "__main__":
    sys.exit(main())
