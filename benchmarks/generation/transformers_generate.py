"""The peer: transformers' generate, greedy, on the same weights and prompts.

    transformers_generate.py MODEL PROMPTS.json NEW_TOKENS

Every line of standard input is answered by a line of JSON:
- {"run": ["bfloat16", 32]}: generates with this type and batch: {"seconds", "cpu_seconds", "tokens"}
- {"score": "bfloat16", "tokens": [...]}: log p of each token behind the prompts and those before it, in one pass per row: {"logprobs": [[...]]}
- {"gap": [ids]}: how far the two largest float32 logits behind these ids are apart: {"gap"}
"""
import json
import sys
import time

import torch
import transformers

torch.set_num_threads(2)
transformers.utils.logging.set_verbosity_error()
folder, prompts, new_tokens = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8")), int(sys.argv[3])
models = {}


def model(dtype):
    if dtype not in models:
        models[dtype] = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()
    return models[dtype]


def run(dtype, batch):
    ready = model(dtype)
    begin, cpu, tokens = time.perf_counter(), time.process_time(), []
    for first in range(0, len(prompts), batch):
        ids = torch.tensor(prompts[first:first + batch])
        out = ready.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=new_tokens, min_new_tokens=new_tokens, pad_token_id=0)
        tokens += out[:, ids.shape[1]:].tolist()
    return {"seconds": time.perf_counter() - begin, "cpu_seconds": time.process_time() - cpu, "tokens": tokens}


def score(dtype, tokens):
    rows = []
    for prompt, behind in zip(prompts, tokens, strict=True):
        logits = model(dtype)(torch.tensor([prompt + behind[:-1]])).logits[0, len(prompt) - 1:].float()
        rows.append(torch.log_softmax(logits, -1).gather(1, torch.tensor(behind).unsqueeze(1)).squeeze(1).tolist())
    return {"logprobs": rows}


def gap(ids):
    two = model("float32")(torch.tensor([ids])).logits[0, -1].topk(2).values
    return {"gap": float(two[0] - two[1])}


print("ready", flush=True)
with torch.inference_mode():
    for line in sys.stdin:
        request = json.loads(line)
        if "run" in request:
            answer = run(*request["run"])
        elif "score" in request:
            answer = score(request["score"], request["tokens"])
        else:
            answer = gap(request["gap"])
        print(json.dumps(answer), flush=True)
