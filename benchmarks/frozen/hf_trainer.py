"""The peer: Hugging Face Trainer above frozen layers, on the same weights and tweets.

    hf_trainer.py MODEL TRAIN.csv VALIDATION.csv loss
        the mean loss of the train tweets before training, in float32, without dropout
    hf_trainer.py MODEL TRAIN.csv VALIDATION.csv head|last_layer bf16|f32|examples STEPS SEED RATE [RATE ...]
        one training per rate, one after another in this process: 5 epochs (STEPS 0) or STEPS steps
Prints one JSON object. Tweets are tokenized once, batches padded to their longest tweet and grouped by length; frozen layers run without
gradients and, as temper's, without dropout. With "examples" it is what the documentation's examples come to: bf16, requires_grad = False for what is frozen, which
keeps its dropout, and validation in the order of its file.
"""
import csv
import json
import os
import sys
import tempfile
import time

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
import numpy
import torch
import transformers
from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding, Trainer, TrainingArguments

torch.set_num_threads(2)
transformers.utils.logging.set_verbosity_error()
folder, train, validation, what = sys.argv[1:5]
tokenizer = AutoTokenizer.from_pretrained(folder)
labels = ["negative", "neutral", "positive"]


def read(path):
    return [dict(tokenizer(row["text"], truncation=True), labels=labels.index(row["sentiment"]))
            for row in csv.DictReader(open(path, newline="", encoding="utf-8")) if row["text"]]


if what == "loss":
    model, collate, total = AutoModelForSequenceClassification.from_pretrained(folder).eval(), DataCollatorWithPadding(tokenizer), 0.0
    items = sorted(read(train), key=lambda item: len(item["input_ids"]))
    with torch.no_grad():
        for begin in range(0, len(items), 50):
            batch = items[begin:begin + 50]
            total += model(**collate(batch)).loss.double().item() * len(batch)
    print(json.dumps({"loss": total / len(items)}))
    sys.exit()

precision, steps, seed, rates = sys.argv[5], int(sys.argv[6]), int(sys.argv[7]), [float(rate) for rate in sys.argv[8:]]
train = read(train)
validation = read(validation)
if precision != "examples":
    validation.sort(key=lambda item: len(item["input_ids"]))  # least padding


def freeze(model):
    layers = model.bert.encoder.layer
    for module in [model.bert.embeddings, *layers[:len(layers) - (what == "last_layer")]]:
        module.requires_grad_(False)
        if precision == "examples":
            continue
        module.eval()
        module.train = lambda mode=True, module=module: module


def run(rate):
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    freeze(model)
    with tempfile.TemporaryDirectory() as output:
        arguments = TrainingArguments(output_dir=output, num_train_epochs=5, max_steps=steps or -1, learning_rate=rate, per_device_train_batch_size=16,
                                      per_device_eval_batch_size=32, bf16=precision != "f32", use_cpu=True, eval_strategy="no" if steps else "epoch", save_strategy="no",
                                      report_to=[], seed=seed, train_sampling_strategy="group_by_length", logging_strategy="no", disable_tqdm=True)
        trainer = Trainer(model=model, args=arguments, train_dataset=train, eval_dataset=validation, data_collator=DataCollatorWithPadding(tokenizer),
                          compute_metrics=lambda answers: {"accuracy": float(numpy.mean(answers.predictions.argmax(1) == answers.label_ids))})
        start = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - start
    evaluations = [entry for entry in trainer.state.log_history if "eval_loss" in entry]
    return {"seconds": seconds, "trained": sum(p.numel() for p in model.parameters() if p.requires_grad), "loss": [entry["eval_loss"] for entry in evaluations],
            "accuracy": [entry["eval_accuracy"] for entry in evaluations]}


print(json.dumps({"trials": [run(rate) for rate in rates]}))
