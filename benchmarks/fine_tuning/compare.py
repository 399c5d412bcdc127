"""Runs temper and Hugging Face Trainer in turn on the same work: equal losses first, then rates. See README.md."""
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

import h5py

here = pathlib.Path(__file__).resolve().parent
root = here.parent.parent
shared = pathlib.Path(os.environ.get("TEMPER_SHARED", root.parent / "shared"))
train = shared / "data/tweets/train_1000.csv"
rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
STEPS, WARMUP = 40, 8


def make_model(folder):
    subprocess.run([sys.executable, "-c", f"""
import torch, shutil
from transformers import GPT2Config, GPT2ForSequenceClassification
torch.manual_seed(0)
config = GPT2Config(pad_token_id=50256, id2label={{0: "negative", 1: "neutral", 2: "positive"}}, label2id={{"negative": 0, "neutral": 1, "positive": 2}})
GPT2ForSequenceClassification(config).save_pretrained({str(folder)!r})
shutil.copy({str(shared / "tokenizers/gpt2/encoder.json")!r}, {str(folder / "vocab.json")!r})
shutil.copy({str(shared / "tokenizers/gpt2/vocab.bpe")!r}, {str(folder / "merges.txt")!r})
"""], check=True)


def peer(model, *arguments):
    done = subprocess.run([sys.executable, here / "hf_trainer.py", model, train, *map(str, arguments)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def temper(folder, model, name, training, limit=""):
    file = folder / f"{name}.toml"
    file.write_text(f"""
name = "{name}"
task = "classification"
threads = 2
[dataset]
plugin = "csv"
train = "{train}"
{limit}
on_bad_row = "drop"
text = "text"
label = "sentiment"
[model]
checkpoint = "{model}"
[training]
learning_rate = 5e-5
{training}
[[strategy]]
plugin = "supervised"
""")
    subprocess.run([root / "build/bin/temper", "run", file, "--results", folder / "results", "--fresh"], check=True, capture_output=True)
    return h5py.File(folder / "results" / name / "study.h5")["trials/0001"]


def temper_rate(folder, model):
    training = temper(folder, model, "rate", f"batch_size = 16\nbf16 = true\nmax_steps = {STEPS}\ntrain_probe = 1\neval_steps = {10 * STEPS}")["training"]
    seconds = training["seconds"][:]
    return 16 * (STEPS - WARMUP) / (seconds[STEPS - 1] - seconds[WARMUP - 1])


def temper_loss(folder, model, count):
    """The clean loss of the whole train split at step 0 is a mean over all items; the peer's is taken over the same file."""
    return temper(folder, model, "loss", f"max_steps = 1\ntrain_probe = {count}")["evaluation/train_loss"][0]


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    model = folder / "gpt2"
    model.mkdir()
    make_model(model)
    ours, theirs = temper_loss(folder, model, 100000), peer(model, "loss", 1000)["loss"]
    print(f"mean loss of the 1,000 tweets before training: temper {ours:.6f}, transformers {theirs:.6f}")
    if abs(ours - theirs) > 1e-4:
        sys.exit("the losses differ: nothing is timed")
    rates = {"temper": [], "Trainer, best settings": [], "Trainer, tutorial settings": []}
    for _ in range(rounds):
        rates["temper"].append(temper_rate(folder, model))
        rates["Trainer, best settings"].append(peer(model, "best", STEPS, WARMUP)["items_per_second"])
    rates["Trainer, tutorial settings"].append(peer(model, "tutorial", 3, 1)["items_per_second"])
    print(f"{platform.processor() or platform.machine()}, 2 threads, {rounds} rounds; items per second: median (lowest to highest)")
    for name, values in rates.items():
        print(f"  {name:28} {statistics.median(values):8.3f}  ({min(values):.3f} to {max(values):.3f})")
    for name in list(rates)[1:]:
        print(f"  temper / {name}: {statistics.median(rates['temper']) / statistics.median(rates[name]):.2f}")
