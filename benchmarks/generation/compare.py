"""Runs temper and transformers' generate on the same prompts: equal answers first, then rates. See README.md.

    compare.py [ROUNDS] [PROMPTS] [NEW_TOKENS]
"""
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
root = here.parent.parent
shared = pathlib.Path(os.environ.get("TEMPER_SHARED", root.parent / "shared"))
rounds, prompts, new_tokens = (int(value) for value in (sys.argv[1:] + ["3", "32", "64"][len(sys.argv) - 1:]))
PROMPT_TOKENS = 24
PEER_SETTINGS = [(dtype, batch) for dtype in ("float32", "bfloat16") for batch in (1, 8, 32) if batch == 1 or batch <= prompts]
PARAMETERS = 12 * (768 * 2304 + 768 * 768 + 2 * 768 * 3072) + 768 * 50257  # of GPT-2 124M's products, 2 operations each for a token


def make_inputs(folder):
    """GPT-2 of 124M parameters with random weights, wider than a training would begin with, and prompts from WikiText-2."""
    subprocess.run([sys.executable, "-c", f"""
import json, shutil, torch
from transformers import GPT2Config, GPT2LMHeadModel, GPT2Tokenizer
torch.manual_seed(0)
GPT2LMHeadModel(GPT2Config(initializer_range=0.06)).save_pretrained({str(folder)!r})
shutil.copy({str(shared / "tokenizers/gpt2/encoder.json")!r}, {str(folder / "vocab.json")!r})
shutil.copy({str(shared / "tokenizers/gpt2/vocab.bpe")!r}, {str(folder / "merges.txt")!r})
text = open({str(shared / "data/wikitext2/valid.txt")!r}, encoding="utf-8").read()[:{prompts * PROMPT_TOKENS * 12}]
ids = GPT2Tokenizer.from_pretrained({str(folder)!r})(text)["input_ids"]
json.dump([ids[i * {PROMPT_TOKENS}:(i + 1) * {PROMPT_TOKENS}] for i in range({prompts})], open({str(folder / "prompts.json")!r}, "w"))
"""], check=True, capture_output=True)
    return json.load(open(folder / "prompts.json", encoding="utf-8"))


class Program:
    """Answers lines with lines of JSON, one at a time: while one side runs, the other waits for input."""

    def __init__(self, command):
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                        env={**os.environ, "OMP_NUM_THREADS": "2"})
        if self.process.stdout.readline().strip() != "ready":
            sys.exit(f"{command[0]} did not start")

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def product_rate(dtype):
    """GFLOP/s of a large product, best of 5."""
    done = subprocess.run([sys.executable, "-c", f"""
import time, torch
torch.set_num_threads(2)
a, b = (torch.randn(2048, 2048, dtype=torch.{dtype}) for _ in range(2))
def once():
    begin = time.perf_counter(); a @ b
    return time.perf_counter() - begin
print(2 * 2048 ** 3 / min(once() for _ in range(5)) / 1e9)
"""], check=True, capture_output=True, text=True)
    return float(done.stdout)


def compare_greedy(texts, ours, theirs, peer):
    """Equal tokens; where two answers part, the two likeliest tokens there must be within 1e-3 of each other."""
    gaps = []
    for prompt, a, b in zip(texts, ours, theirs, strict=True):
        if a == b:
            continue
        parted = next(i for i in range(len(a)) if a[i] != b[i])
        gaps.append(peer.ask(json.dumps({"gap": prompt + a[:parted]}))["gap"])
        if gaps[-1] > 1e-3:
            sys.exit(f"token {parted + 1} of an answer differs, and the two likeliest are {gaps[-1]} apart: nothing is timed")
    print(f"float32: {len(texts) - len(gaps)} of {len(texts)} answers have the same {new_tokens} tokens" + (f"; the others part where the two likeliest logits are at most {max(gaps):.1e} apart" if gaps else ""))


def compare_bf16(folder, texts, tokens, peer):
    """Log-probabilities of the same tokens in bfloat16 and in float32: what bfloat16 changes must be as little here as there."""
    exact = [sum(row) for row in peer.ask(json.dumps({"score": "float32", "tokens": tokens}))["logprobs"]]
    theirs = [sum(row) for row in peer.ask(json.dumps({"score": "bfloat16", "tokens": tokens}))["logprobs"]]
    pairs = "".join(json.dumps({"context_ids": prompt, "continuation_ids": row}) + "\n" for prompt, row in zip(texts, tokens, strict=True))
    done = subprocess.run([root / "build/bin/temper", "score", "--model", folder, "--dtype", "bf16"], input=pairs, check=True, capture_output=True, text=True)
    ours = [json.loads(line)["logprob"] for line in done.stdout.splitlines()]

    def distance(values):
        return statistics.mean(abs(a - b) for a, b in zip(values, exact, strict=True)) / new_tokens

    print(f"bfloat16: log-probabilities of a token are off by {distance(ours):.1e} (temper) and {distance(theirs):.1e} (transformers), mean over the answers")
    if distance(ours) > 1.5 * distance(theirs):
        sys.exit("temper's bfloat16 is less exact than transformers': nothing is timed")


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    texts = make_inputs(folder)
    temper = Program([root / "build/bin/generate_ids", folder, folder / "prompts.json", new_tokens])
    peer = Program([sys.executable, here / "transformers_generate.py", folder, folder / "prompts.json", new_tokens])
    greedy = temper.ask(f"float32 {prompts}")["tokens"]
    compare_greedy(texts, greedy, peer.ask(json.dumps({"run": ["float32", prompts]}))["tokens"], peer)
    compare_bf16(folder, texts, greedy, peer)

    total = prompts * new_tokens
    tried = {setting: total / peer.ask(json.dumps({"run": setting}))["seconds"] for setting in PEER_SETTINGS}
    for (dtype, batch), rate in tried.items():
        print(f"  transformers {dtype} batch {batch}: {rate:.0f} tokens/s, tried once")
    best = max(tried, key=tried.get)
    temper.ask(f"bf16 {prompts}")  # makes the bfloat16 copies of the weights
    rates = {"temper, bf16": [], "temper, float32": [], f"transformers, {best[0]}, batch {best[1]}": []}
    for _ in range(rounds):
        for label, seconds in zip(rates, [temper.ask(f"bf16 {prompts}")["seconds"], temper.ask(f"float32 {prompts}")["seconds"], peer.ask(json.dumps({"run": best}))["seconds"]], strict=True):
            rates[label].append(total / seconds)
    print(f"{platform.processor() or platform.machine()}, 2 threads, {rounds} rounds; {prompts} prompts of {PROMPT_TOKENS} tokens, {new_tokens} new ones each; tokens/s: median (lowest to highest)")
    for label, values in rates.items():
        print(f"  {label:36} {statistics.median(values):7.0f}  ({min(values):.0f} to {max(values):.0f})")
    for label, dtype in (("temper, bf16", "bfloat16"), ("temper, float32", "float32")):
        rate, peak = statistics.median(rates[label]), product_rate(dtype)
        print(f"  {label} / transformers: {rate / statistics.median(rates[list(rates)[2]]):.2f}; {rate * 2 * PARAMETERS / 1e9:.0f} GFLOP/s in products, a large one runs {peak:.0f}; weights are read at {rate / prompts * PARAMETERS * (2 if dtype == 'bfloat16' else 4) / 1e9:.1f} GB/s")
