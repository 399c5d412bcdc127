"""What the peers share that train MiniLM on tweets with Hugging Face Trainer: the items, the loss before training, frozen layers, one training."""
import csv
import os
import tempfile
import time

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
import numpy
import torch
import transformers
from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding, Trainer, TrainingArguments

torch.set_num_threads(2)
transformers.utils.logging.set_verbosity_error()
LABELS = ["negative", "neutral", "positive"]


def open_model(folder):
    return AutoModelForSequenceClassification.from_pretrained(folder)


def read(folder, path):
    """The tweets of a file that have a text, tokenized once."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    return [dict(tokenizer(row["text"], truncation=True), labels=LABELS.index(row["sentiment"])) for row in csv.DictReader(open(path, newline="", encoding="utf-8")) if row["text"]]


def by_length(items):
    """In the order that needs least padding."""
    return sorted(items, key=lambda item: len(item["input_ids"]))


def mean_loss(folder, path):
    """Of all tweets before training, in float32, without dropout."""
    model, collate, total = open_model(folder).eval(), DataCollatorWithPadding(AutoTokenizer.from_pretrained(folder)), 0.0
    items = by_length(read(folder, path))
    with torch.no_grad():
        for begin in range(0, len(items), 50):
            batch = items[begin:begin + 50]
            total += model(**collate(batch)).loss.double().item() * len(batch)
    return total / len(items)


def freeze_below(model, layers, keep_dropout=False):
    """All but the last `layers` layers and the head: no gradients and, unless it is kept, no dropout."""
    blocks = model.bert.encoder.layer
    for module in [model.bert.embeddings, *blocks[:len(blocks) - layers]]:
        module.requires_grad_(False)
        if not keep_dropout:
            module.eval()
            module.train = lambda mode=True, module=module: module


def train(model, folder, items, validation, **options):
    """A training with batches padded to their longest tweet and grouped by length, without checkpoints."""
    with tempfile.TemporaryDirectory() as output:
        arguments = TrainingArguments(output_dir=output, per_device_eval_batch_size=32, use_cpu=True, save_strategy="no", report_to=[], train_sampling_strategy="group_by_length",
                                      logging_strategy="no", disable_tqdm=True, **options)
        trainer = Trainer(model=model, args=arguments, train_dataset=items, eval_dataset=validation, data_collator=DataCollatorWithPadding(AutoTokenizer.from_pretrained(folder)),
                          compute_metrics=lambda answers: {"accuracy": float(numpy.mean(answers.predictions.argmax(1) == answers.label_ids))})
        start = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - start
    evaluations = [entry for entry in trainer.state.log_history if "eval_loss" in entry]
    return {"seconds": seconds, "trained": sum(p.numel() for p in model.parameters() if p.requires_grad), "loss": [entry["eval_loss"] for entry in evaluations],
            "accuracy": [entry["eval_accuracy"] for entry in evaluations]}
