"""Megabytes per second of one thread: GPT-2's BPE and BERT's WordPiece on WikiText-2, temper beside tokenizers and tiktoken; equal ids first.

All encode the same lines one after another, in turn, several times; a library's time is that of its own encode calls from Python (for
`tokenizers` its batch call, which spares it the way through Python), temper's that of encode in benchmarks/tokenizers/encode_lines.cpp.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

import numpy
import tiktoken
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("shared", type=pathlib.Path, help="the folder with data/wikitext2 and tokenizers/")
arguments.add_argument("--program", default="build/bin/encode_lines", help="built by: cmake --build build --target encode_lines")
arguments.add_argument("--repeats", type=int, default=9)
given = arguments.parse_args()

text_file = given.shared / "data/wikitext2/test.txt"
lines = text_file.read_bytes().decode().split("\n")
if lines[-1] == "":
    lines.pop()
megabytes = text_file.stat().st_size / 1e6


def gpt2_peers(folder):
    vocabulary = json.loads((folder / "encoder.json").read_text())
    merges = [tuple(line.split()) for line in (folder / "vocab.bpe").read_text().split("\n")[1:] if line]
    library = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    library.decoder = decoders.ByteLevel()
    byte_of = {c: b for b, c in byte_alphabet().items()}
    ranks = {bytes(byte_of[c] for c in token): id for token, id in vocabulary.items() if token != "<|endoftext|>"}
    pattern = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"
    encoding = tiktoken.Encoding("gpt2", pat_str=pattern, mergeable_ranks=ranks, special_tokens={"<|endoftext|>": vocabulary["<|endoftext|>"]})
    return {"tokenizers": by_tokenizers(library), "tiktoken": lambda: [encoding.encode_ordinary(line) for line in lines]}


def byte_alphabet():
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    alphabet = {b: chr(b) for b in visible}
    for b in range(256):
        if b not in alphabet:
            alphabet[b] = chr(256 + len(alphabet) - len(visible))
    return alphabet


def by_tokenizers(library):
    return lambda: [encoding.ids for encoding in library.encode_batch_fast(lines, add_special_tokens=False)]


def bert_peers(folder):
    library = Tokenizer.from_file(str(folder / "tokenizer.json"))
    library.no_truncation()
    library.no_padding()
    return {"tokenizers": by_tokenizers(library)}


def seconds_of(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(name, folder, peers):
    with tempfile.TemporaryDirectory() as scratch:
        ids_file = os.path.join(scratch, "ids")
        program = subprocess.Popen([given.program, folder, text_file, ids_file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        assert program.stdout.readline() == "ready\n"
        flat = numpy.fromfile(ids_file, dtype=numpy.int32)
    rows = [row[:-1].tolist() for row in numpy.split(flat, numpy.flatnonzero(flat == -1) + 1)[:-1]]
    for peer, encode in peers.items():
        assert encode() == rows, f"{name}: the ids of {peer} are others"

    def temper_seconds():
        program.stdin.write("\n")
        return float(program.stdout.readline().split()[0])

    times = {"temper": [], **{peer: [] for peer in peers}}
    for _ in range(given.repeats):
        for peer, encode in peers.items():
            times[peer].append(seconds_of(encode))
            times["temper"].append(temper_seconds())
    program.stdin.close()
    program.wait()
    median = {who: statistics.median(seconds) for who, seconds in times.items()}
    print(f"{name}: {len(lines)} lines, {sum(map(len, rows))} tokens, ids equal")
    for who, seconds in times.items():
        ratio = "" if who == "temper" else f"   temper is {median[who] / median['temper']:.1f} times as fast"
        print(f"  {who:11s} median {megabytes / median[who]:6.1f} MB/s, from {megabytes / max(seconds):.1f} to {megabytes / min(seconds):.1f}{ratio}")


compare("GPT-2's BPE", given.shared / "tokenizers/gpt2", gpt2_peers(given.shared / "tokenizers/gpt2"))
compare("BERT's WordPiece", given.shared / "tokenizers/bert-base-uncased", bert_peers(given.shared / "tokenizers/bert-base-uncased"))
