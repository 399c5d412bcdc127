"""Adapters between temper and PEFT.

    peft_adapters.py check BASE ADAPTER LINES ANSWERS   PEFT loads what temper saved, without a warning and with the config that it would have written;
                                                        prints the largest difference of logits, exits 1 above 1e-4
    peft_adapters.py make BASE FOLDER LINES OPTIONS     PEFT makes an adapter with OPTIONS (JSON of a LoraConfig); prints its logits, a JSON line each
    peft_adapters.py behead BASE FOLDER LINES OPTIONS   takes the head out of PEFT's own file; exits 1 unless PEFT refuses what is left
LINES: {"input_ids": [...]}; ANSWERS: what `temper predict --logits` said.
"""
import json
import sys
import tempfile
import warnings
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification


def logits_of(model, lines):
    model.eval()
    with torch.no_grad():
        for line in open(lines):
            yield model(input_ids=torch.tensor([json.loads(line)["input_ids"]])).logits[0]


def config_in(folder):
    return json.loads((Path(folder) / "adapter_config.json").read_text())


def same(key, ours, theirs):
    if key == "modules_to_save":  # PEFT adds the names of other families' classifiers
        return set(ours or []) <= set(theirs or [])
    return sorted(ours) == sorted(theirs) if isinstance(ours, list) and isinstance(theirs, list) else ours == theirs


def check_config(model, folder):
    """Every field that temper wrote is one of PEFT's, and PEFT writes the same for the adapter that it read."""
    with tempfile.TemporaryDirectory() as again:
        model.save_pretrained(again)
        theirs = config_in(again)
    for key, value in config_in(folder).items():
        if key not in theirs or not same(key, value, theirs[key]):
            sys.exit(f"{key} is {value!r}, PEFT writes {theirs.get(key, 'no such field')!r}")


command, base, folder, lines, last = sys.argv[1:]
model = AutoModelForSequenceClassification.from_pretrained(base)
if command == "check":
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        model = PeftModel.from_pretrained(model, folder)
    told = [str(warning.message) for warning in told if "/peft/" in warning.filename]
    if told:
        sys.exit(f"PEFT warns: {told}")
    check_config(model, folder)
    worst = 0.0
    for logits, answer in zip(logits_of(model, lines), open(last), strict=True):
        worst = max(worst, (logits - torch.tensor(json.loads(answer)["logits"])).abs().max().item())
    print(f"largest difference of logits: {worst:.2e}")
    sys.exit(worst > 1e-4)

if command == "behead":
    file = Path(folder) / "adapter_model.safetensors"
    tensors = {name: tensor for name, tensor in load_file(file).items() if "lora_" in name}
    save_file(tensors, file, {"format": "pt"})
    try:
        PeftModel.from_pretrained(model, folder)
    except KeyError as error:
        print(error)
        sys.exit(0)
    sys.exit("PEFT took it")

torch.manual_seed(5)
model = get_peft_model(model, LoraConfig(**{"task_type": "SEQ_CLS", **json.loads(last)}))
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
