"""What a study of thousands of trials costs besides their training: time per trial, memory as it grows, plan, study.h5. See README.md."""
import argparse
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import threading
import time

import h5py
import numpy

root = pathlib.Path(__file__).resolve().parents[2]
parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--trials", type=int, nargs="+", default=[1000, 10000], help="sizes of the studies, each a multiple of 100")
parser.add_argument("--strategy", choices=["coin", "supervised"], default="coin", help="coin draws answers; supervised takes one step of a tiny model")
parser.add_argument("--workers", type=int, default=1)
parser.add_argument("--temper", type=pathlib.Path, default=root / "build/bin/temper")
parser.add_argument("--folder", help="where the studies are written (default: a temporary folder)")
given = parser.parse_args()
sys.stdout.reconfigure(line_buffering=True)
ENVIRONMENT = {**os.environ, "TEMPER_PLUGIN_PATH": str(given.temper.resolve().parents[1] / "lib/temper/benchmark_plugins")}

HEAD = """
name = "many"
task = "classification"
seeds = {seeds}
threads = 1
[dataset]
plugin = "jsonl"
train = "rows.jsonl"
validation = "rows.jsonl"
test = "rows.jsonl"
"""
STRATEGY = {
    "coin": '[[strategy]]\nplugin = "coin"\nbias = {values}\n',
    "supervised": """
[model]
plugin = "bert"
config = {{ vocab_size = 8, hidden_size = 8, num_hidden_layers = 1, num_attention_heads = 1, intermediate_size = 8, max_position_embeddings = 8 }}
[training]
max_steps = 1
batch_size = 3
[sweep]
learning_rate = {values}
[[strategy]]
plugin = "supervised"
""",
}


def write_inputs(folder, trials):
    rows = [{"id": str(i), "input_ids": [1, 2 + i % 2], "label": "odd" if i % 2 else "even"} for i in range(3)]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    values = [(i + 1) / 1000 for i in range(trials // 100)]
    (folder / "many.toml").write_text((HEAD + STRATEGY[given.strategy]).format(seeds=list(range(1, 101)), values=values))


def timed(folder, *words):
    start = time.perf_counter()
    done = subprocess.run([str(given.temper.resolve()), *words], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"temper {' '.join(words)} ended with status {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - start, done


def resident(pid):
    """MiB of a process and of its children; 0 once they are gone."""
    sizes = []
    try:
        children = [int(child) for task in pathlib.Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
        for one in (pid, *children):
            found = re.search(r"VmRSS:\s*(\d+)", pathlib.Path(f"/proc/{one}/status").read_text())
            sizes.append(int(found[1]) / 1024 if found else 0)
    except OSError:
        return [0, 0]
    return [sizes[0], sum(sizes[1:])]


def run_watched(folder):
    """Seconds of the run, those of processors, and samples of ended trials, seconds, MiB of coordinator and workers."""
    start, before = time.perf_counter(), os.times()
    process = subprocess.Popen([str(given.temper.resolve()), "run", "many.toml", "--workers", str(given.workers)], cwd=folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    ended, samples, last = [0], [], []

    def read():
        for line in process.stderr:
            last.append(line)
            del last[:-20]
            ended[0] += line.startswith("[")

    reader = threading.Thread(target=read)
    reader.start()
    while process.poll() is None:
        samples.append((ended[0], time.perf_counter() - start, *resident(process.pid)))
        time.sleep(0.25)
    seconds = time.perf_counter() - start
    reader.join()
    after = os.times()  # a worker counts once the coordinator has waited for it
    processors = after.children_user + after.children_system - before.children_user - before.children_system
    if process.returncode:
        sys.exit("".join(last))
    return seconds, processors, samples


def at_share(samples, trials, share):
    """The sample nearest to that share of the trials."""
    return min(samples, key=lambda sample: abs(sample[0] - share * trials))


def own_seconds(file):
    """Of all trials: what was their training or answering, which is no overhead."""
    with h5py.File(file) as study:
        return sum(study[f"trials/{number:04d}/cost"].attrs["train_seconds"] for number in study["summary/trial"][:])


def measure(trials):
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = pathlib.Path(name)
        write_inputs(folder, trials)
        timed(folder, "plan", "many.toml")  # plugins are described once
        planned, plan = timed(folder, "plan", "many.toml")
        assert f"many: {trials} trials" in plan.stdout, plan.stdout[:200]
        seconds, processors, samples = run_watched(folder)
        study = folder / "results/many/study.h5"
        start = time.perf_counter()
        with h5py.File(study) as file:
            columns = {column: values[:] for column, values in file["summary"].items()}
        opened = time.perf_counter() - start
        assert len(columns["trial"]) == trials and (columns["status"] == b"complete").all()
        assert numpy.unique(columns["cross_entropy" if "cross_entropy" in columns else "accuracy"]).size > 1, "all trials answered alike"
        again, second = timed(folder, "run", "many.toml")
        assert f"{trials} of {trials} trials are done already" in second.stderr, second.stderr[-300:]
        planned_again, _ = timed(folder, "plan", "many.toml")
        trained = own_seconds(study)
        quarter, end = at_share(samples, trials, 0.25), at_share(samples, trials, 0.99)
        print(f"{trials} trials: {1000 * (seconds - trained) / trials:.2f} ms each over their training ({seconds:.1f} s, of which {trained:.1f} s trained); {1000 * (processors - trained) / trials:.2f} ms of processors")
        print(f"  the first quarter {1000 * quarter[1] / max(1, quarter[0]):.2f} ms each; resident MiB after it and at the end: coordinator {quarter[2]:.0f}, {end[2]:.0f}; worker {quarter[3]:.0f}, {end[3]:.0f}")
        print(f"  peak of the coordinator, study.h5 being written: {max(sample[2] for sample in samples):.0f} MiB; study.h5 has {study.stat().st_size / 2**20:.1f} MiB, opens with its summary in {opened:.3f} s")
        print(f"  plan of the new study {planned:.2f} s, of the finished one {planned_again:.2f} s; a run that finds all done {again:.2f} s")


print(f"{given.strategy}, {given.workers} worker(s), {platform.machine()}, {os.cpu_count()} processors, h5py {h5py.__version__}, load {os.getloadavg()[0]:.1f}")
for count in given.trials:
    measure(count)
