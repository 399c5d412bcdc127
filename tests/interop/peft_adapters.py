"""Adapters between temper and PEFT.

    peft_adapters.py check BASE ADAPTER LINES ANSWERS   PEFT loads what temper saved; prints the largest difference of logits, exits 1 above 1e-4
    peft_adapters.py make BASE FOLDER LINES OPTIONS     PEFT makes an adapter with OPTIONS (JSON of a LoraConfig); prints its logits, a JSON line each
LINES: {"input_ids": [...]}; ANSWERS: what `temper predict --logits` said.
"""
import json
import sys

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForSequenceClassification


def logits_of(model, lines):
    model.eval()
    with torch.no_grad():
        for line in open(lines):
            yield model(input_ids=torch.tensor([json.loads(line)["input_ids"]])).logits[0]


command, base, folder, lines, last = sys.argv[1:]
model = AutoModelForSequenceClassification.from_pretrained(base)
if command == "check":
    model = PeftModel.from_pretrained(model, folder)
    worst = 0.0
    for logits, answer in zip(logits_of(model, lines), open(last), strict=True):
        worst = max(worst, (logits - torch.tensor(json.loads(answer)["logits"])).abs().max().item())
    print(f"largest difference of logits: {worst:.2e}")
    sys.exit(worst > 1e-4)

torch.manual_seed(5)
model = get_peft_model(model, LoraConfig(task_type="SEQ_CLS", **json.loads(last)))
with torch.no_grad():  # B begins at zero, and a magnitude at the row's length: neither would tell anything
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            parameter.normal_(std=0.2)
        elif "lora_magnitude" in name:
            parameter.mul_(1 + 0.2 * torch.rand_like(parameter))
        elif "modules_to_save" in name:  # else the saved head would be the base's own, and one that is not read would not show
            parameter.add_(0.2 * torch.randn_like(parameter))
model.save_pretrained(folder)
for logits in logits_of(model, lines):
    print(json.dumps(logits.tolist()))
