"""The peer: lm-evaluation-harness on the same weights, shots and tweets.

    harness.py MODEL WORK.json    WORK: {"pairs": [[context, continuation], ...], "batch_size": N}
Prints one JSON object: {"seconds" and "cpu_seconds" of the call that scores all pairs, "logprobs": [...], "setup_seconds": of imports and loading}.
"""
import json
import os
import sys
import time

begin = time.perf_counter()
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
import logging

import torch
import transformers
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM

torch.set_num_threads(2)
logging.disable(logging.WARNING)
transformers.utils.logging.set_verbosity_error()
folder, work = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))
model = HFLM(pretrained=folder, device="cpu", dtype="float32", batch_size=work["batch_size"])
requests = [Instance(request_type="loglikelihood", doc={}, arguments=tuple(pair), idx=i) for i, pair in enumerate(work["pairs"])]
loaded, cpu = time.perf_counter(), time.process_time()
answers = model.loglikelihood(requests, disable_tqdm=True)
end, cpu = time.perf_counter(), time.process_time() - cpu
print(json.dumps({"seconds": end - loaded, "cpu_seconds": cpu, "setup_seconds": loaded - begin, "logprobs": [logprob for logprob, _ in answers]}))
