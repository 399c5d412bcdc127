"""Sentence embeddings per second, temper's retriever dense beside sentence-transformers, on SQuAD's first passages; equal rankings first.

temper's times are those of whole processes `temper retrieve`: start, opening the model, encoding, searching, writing the run. The peer is timed for
encoding and the matrix product alone, its model open. Best of the repeats, in turn.
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

import torch
from sentence_transformers import SentenceTransformer, models

K = 10
arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("squad", type=pathlib.Path, help="SQuAD's dev.json")
arguments.add_argument("checkpoint", type=pathlib.Path, help="the folder of all-MiniLM-L6-v2")
arguments.add_argument("--temper", default="build/bin/temper")
arguments.add_argument("--passages", type=int, default=300)
arguments.add_argument("--questions", type=int, default=600)
arguments.add_argument("--threads", type=int, default=2)
arguments.add_argument("--repeats", type=int, default=3)
given = arguments.parse_args()
torch.set_num_threads(given.threads)

passages, questions = [], []
for article in json.loads(given.squad.read_text())["data"]:
    for paragraph in article["paragraphs"]:
        if len(passages) < given.passages:
            passages.append(paragraph["context"])
            questions += [question["question"] for question in paragraph["qas"]]
questions = questions[: given.questions]

# Built by hand: copies of the model often lack the folder that tells the pooling.
encoder = models.Transformer(str(given.checkpoint), max_seq_length=256)
width = json.loads((given.checkpoint / "config.json").read_text())["hidden_size"]
peer = SentenceTransformer(modules=[encoder, models.Pooling(width, pooling_mode="mean"), models.Normalize()], device="cpu")


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def encode(texts):
    return peer.encode(texts, batch_size=32, convert_to_tensor=True, show_progress_bar=False)


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    for name, texts in (("corpus", passages), ("queries", questions), ("query", questions[:1])):
        (folder / name).write_text("".join(json.dumps({"id": i, "text": text}) + "\n" for i, text in enumerate(texts)))

    def search(queries, *more):
        command = [given.temper, "retrieve", "--corpus", folder / "corpus", "--queries", folder / queries, "--retriever", "dense", "--set", f"checkpoint={given.checkpoint}",
                   "-k", str(K), "--threads", str(given.threads), *more]
        return subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "XDG_CACHE_HOME": str(folder)}).stdout

    seconds = {"peer passages": [], "peer questions": [], "temper passages": [], "temper questions": []}
    for _ in range(given.repeats):
        time_passages, index = timed(lambda: encode(passages))
        time_questions, scores = timed(lambda: encode(questions) @ index.T)
        seconds["peer passages"].append(time_passages)
        seconds["peer questions"].append(time_questions)
        seconds["temper passages"].append(timed(lambda: search("query", "--no-cache"))[0])
        search("query")  # puts the index into the cache
        time_questions, run = timed(lambda: search("queries"))
        seconds["temper questions"].append(time_questions)

    ours = [[] for _ in questions]
    for line in run.splitlines():
        query, _, passage, _, score, _ = line.split()
        ours[int(query)].append((int(passage), float(score)))
    best = scores.topk(K, dim=1).values
    difference = max(abs(scores[i][passage].item() - score) for i, row in enumerate(ours) for passage, score in row)
    assert all(len(row) == K for row in ours) and difference < 1e-5, f"scores differ by {difference}"
    # At each rank the peer's own best score: another passage may stand there only if the two tie.
    assert max(abs(best[i][rank].item() - score) for i, row in enumerate(ours) for rank, (_, score) in enumerate(row)) < 1e-5, "rankings differ"
    for what, count in (("passages", len(passages)), ("questions", len(questions))):
        theirs, own = min(seconds["peer " + what]), min(seconds["temper " + what])
        print(f"{what}: sentence-transformers {count / theirs:.1f}/s, temper {count / own:.1f}/s: {theirs / own:.2f} times as fast; scores equal to {difference:.0e}")
