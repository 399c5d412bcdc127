"""BM25 queries per second, temper beside bm25s, on SQuAD's passages and questions; equal results first.

temper's time is that of the whole process `temper retrieve`: start, reading the files, hashing the corpus, loading the index from the cache,
searching, writing the run. bm25s is timed for tokenizing the queries and searching alone, in a process that holds the index already.
"""
import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

import bm25s

K = 10
arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("squad", type=pathlib.Path, help="SQuAD's dev.json")
arguments.add_argument("--temper", default="build/bin/temper")
arguments.add_argument("--repeats", type=int, default=5)
given = arguments.parse_args()

passages, questions, gold = [], [], []
for article in json.loads(given.squad.read_text())["data"]:
    for paragraph in article["paragraphs"]:
        for question in paragraph["qas"]:
            questions.append(question["question"])
            gold.append(len(passages))
        passages.append(paragraph["context"])


def quickest(work):
    times = []
    for _ in range(given.repeats):
        start = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - start)
    return min(times), result


peer = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
peer.index(bm25s.tokenize(passages, stopwords="english", show_progress=False), show_progress=False)


def search_by_bm25s(threads):
    words = bm25s.tokenize(questions, stopwords="english", show_progress=False)
    found, scores = peer.retrieve(words, k=K, n_threads=0 if threads == 1 else threads, show_progress=False)
    return [[(int(p), float(s)) for p, s in zip(*row) if s > 0] for row in zip(found, scores)]


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    for name, texts in (("corpus", passages), ("queries", questions)):
        (folder / name).write_text("".join(json.dumps({"id": i, "text": text}) + "\n" for i, text in enumerate(texts)))

    def search_by_temper(threads):
        command = [given.temper, "retrieve", "--corpus", folder / "corpus", "--queries", folder / "queries", "--retriever", "bm25", "-k", str(K), "--threads", str(threads)]
        return subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "XDG_CACHE_HOME": str(folder)}).stdout

    for threads in (1, 2):
        peer_seconds, theirs = quickest(lambda: search_by_bm25s(threads))
        own_seconds, run = quickest(lambda: search_by_temper(threads))
        ours = [[] for _ in questions]
        for line in run.splitlines():
            query, _, passage, _, score, _ = line.split()
            ours[int(query)].append((int(passage), float(score)))
        # The order among equal scores is each one's own, so ranks are compared by their scores.
        assert all(len(a) == len(b) for a, b in zip(ours, theirs)), "another number of passages is found"
        difference = max(abs(a[1] - b[1]) for mine, other in zip(ours, theirs) for a, b in zip(mine, other))
        assert difference < 1e-4, f"scores differ by {difference}"
        for name, hits, seconds in (("bm25s", theirs, peer_seconds), ("temper", ours, own_seconds)):
            recall = [sum(g in [p for p, _ in row[:k]] for g, row in zip(gold, hits)) / len(gold) for k in (1, K)]
            print(f"{threads} thread(s)  {name:7s} {len(questions) / seconds:8.0f} queries/s  recall@1 {recall[0]:.4f}  recall@{K} {recall[1]:.4f}")
        print(f"{threads} thread(s)  {peer_seconds / own_seconds:.1f} times as fast, scores equal to {difference:.0e}")
