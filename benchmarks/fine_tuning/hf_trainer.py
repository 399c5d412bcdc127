"""The peer: Hugging Face Trainer on the same weights and tweets.

    hf_trainer.py MODEL TRAIN.csv loss N              the mean loss of the first N tweets, in float32, without dropout
    hf_trainer.py MODEL TRAIN.csv best|tutorial STEPS WARMUP   items per second after WARMUP optimizer steps
Prints one JSON object.
"""
import csv
import json
import os
import sys
import time

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
import torch
from transformers import DataCollatorWithPadding, GPT2ForSequenceClassification, GPT2Tokenizer, Trainer, TrainerCallback, TrainingArguments
import transformers

torch.set_num_threads(2)
transformers.utils.logging.set_verbosity_error()
folder, path, what, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
tokenizer = GPT2Tokenizer.from_pretrained(folder)
tokenizer.pad_token = tokenizer.eos_token
model = GPT2ForSequenceClassification.from_pretrained(folder)
labels = sorted(["positive", "negative", "neutral"])
rows = list(csv.DictReader(open(path, newline="", encoding="utf-8")))
items = [dict(tokenizer(row["text"], truncation=True, **({"padding": "max_length", "max_length": 1024} if what == "tutorial" else {})),
              labels=labels.index(row["sentiment"])) for row in rows if row["text"]]

if what == "loss":
    model.eval()
    total = 0.0
    with torch.no_grad():
        for item in items[:count]:
            out = model(input_ids=torch.tensor([item["input_ids"]]), labels=torch.tensor([item["labels"]]))
            total += out.loss.double().item()
    print(json.dumps({"loss": total / count}))
    sys.exit()


class Clock(TrainerCallback):
    """Times optimizer steps, from the end of step `warmup` to the end of the last."""
    def __init__(self, warmup):
        self.warmup, self.start = warmup, None

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step == self.warmup:
            self.start = time.perf_counter()
        self.end, self.steps = time.perf_counter(), state.global_step


warmup = int(sys.argv[5])
common = dict(output_dir="/tmp/hf_trainer", max_steps=count, learning_rate=5e-5, logging_strategy="no", save_strategy="no", report_to=[], use_cpu=True, seed=1, dataloader_num_workers=0)
if what == "best":
    arguments = TrainingArguments(per_device_train_batch_size=16, bf16=True, train_sampling_strategy="group_by_length", **common)
    per_step = 16
else:
    arguments = TrainingArguments(per_device_train_batch_size=1, gradient_accumulation_steps=4, **common)
    per_step = 4
clock = Clock(warmup)
Trainer(model=model, args=arguments, train_dataset=items, data_collator=DataCollatorWithPadding(tokenizer), callbacks=[clock]).train()
print(json.dumps({"items_per_second": per_step * (clock.steps - warmup) / (clock.end - clock.start)}))
