"""Loads a folder that temper exported with transformers, and compares its logits with those that temper printed.

    load_exported.py FOLDER LINES ANSWERS       LINES: {"input_ids": [...]}; ANSWERS: what `temper predict --logits` said
Prints the largest difference and exits 1 when it is above 1e-4.
"""
import json
import sys

import torch
from transformers import AutoModelForSequenceClassification

folder, lines, answers = sys.argv[1:]
model, report = AutoModelForSequenceClassification.from_pretrained(folder, output_loading_info=True)
for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
    if report[kind]:
        sys.exit(f"{kind}: {sorted(map(str, report[kind]))}")
model.eval()
worst = 0.0
with torch.no_grad():
    for line, answer in zip(open(lines), open(answers), strict=True):
        ids, answer = json.loads(line)["input_ids"], json.loads(answer)
        logits = model(input_ids=torch.tensor([ids])).logits[0]
        worst = max(worst, (logits - torch.tensor(answer["logits"])).abs().max().item())
        label = model.config.id2label[int(logits.argmax())]
        if label != answer["label"]:
            sys.exit(f"transformers says {label}, temper says {answer['label']}")
print(f"largest difference of logits: {worst:.2e}")
sys.exit(worst > 1e-4)
