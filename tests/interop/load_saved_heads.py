"""Loads every folder below FOLDER by transformers and compares its logits with those in its rows.json: load_saved_heads.py FOLDER"""
import json
import sys
from pathlib import Path

import torch
import transformers

TOLERANCE = 1e-4
problems = []
for folder in sorted(path.parent for path in Path(sys.argv[1]).glob("*/rows.json")):
    rows = json.loads((folder / "rows.json").read_text())
    model, report = getattr(transformers, rows["loader"]).from_pretrained(folder, output_loading_info=True)
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if report[kind]:
            problems.append(f"{folder.name}: {kind} {sorted(map(str, report[kind]))}")
    model.eval()
    worst = 0.0
    for row in rows["rows"]:
        with torch.no_grad():
            output = model(input_ids=torch.tensor([row["ids"]]))
        logits = torch.stack([output.start_logits[0], output.end_logits[0]], -1) if "start_logits" in output else output.logits[0]
        worst = max(worst, (logits.flatten() - torch.tensor(row["logits"])).abs().max().item())
    print(f"{folder.name}: largest difference of logits {worst:.2e}")
    if worst > TOLERANCE:
        problems.append(f"{folder.name}: logits differ by {worst:.2e}")
sys.exit("\n".join(problems) or 0)
