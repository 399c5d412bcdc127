"""The peer: a grid over Hugging Face Trainer in one process, as Optuna's GridSampler runs it, on the same weights and tweets.

    hf_grid.py MODEL TRAIN.csv VALIDATION.csv loss
        the mean loss of the train tweets before training, in float32, without dropout
    hf_grid.py MODEL TRAIN.csv VALIDATION.csv full|last_layer SEED RATES BATCHES EPOCHS
        a training for each learning rate, batch size and number of epochs (each a list with commas)
Prints one JSON object. Tweets are tokenized once, batches padded to their longest tweet and grouped by length, products in bf16, no checkpoints.
Frozen layers run without gradients and, as temper's, without dropout. Where optuna is installed its GridSampler gives the trials, else they are
listed here: it takes no time that could be measured.
"""
import csv
import itertools
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

seed = int(sys.argv[5])
grid = {"rate": [float(value) for value in sys.argv[6].split(",")], "batch": [int(value) for value in sys.argv[7].split(",")],
        "epochs": [int(value) for value in sys.argv[8].split(",")]}
train = read(train)
validation = sorted(read(validation), key=lambda item: len(item["input_ids"]))  # least padding


def freeze(model):
    layers = model.bert.encoder.layer
    for module in [model.bert.embeddings, *layers[:len(layers) - 1]]:
        module.requires_grad_(False)
        module.eval()
        module.train = lambda mode=True, module=module: module


def run(rate, batch, epochs):
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    if what == "last_layer":
        freeze(model)
    with tempfile.TemporaryDirectory() as output:
        arguments = TrainingArguments(output_dir=output, num_train_epochs=epochs, learning_rate=rate, lr_scheduler_type="constant", per_device_train_batch_size=batch,
                                      per_device_eval_batch_size=32, bf16=True, use_cpu=True, eval_strategy="epoch", save_strategy="no", report_to=[], seed=seed,
                                      train_sampling_strategy="group_by_length", logging_strategy="no", disable_tqdm=True)
        trainer = Trainer(model=model, args=arguments, train_dataset=train, eval_dataset=validation, data_collator=DataCollatorWithPadding(tokenizer),
                          compute_metrics=lambda answers: {"accuracy": float(numpy.mean(answers.predictions.argmax(1) == answers.label_ids))})
        start = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - start
    evaluations = [entry for entry in trainer.state.log_history if "eval_loss" in entry]
    return {"rate": rate, "batch": batch, "epochs": epochs, "seconds": seconds, "trained": sum(p.numel() for p in model.parameters() if p.requires_grad),
            "loss": [entry["eval_loss"] for entry in evaluations], "accuracy": [entry["eval_accuracy"] for entry in evaluations]}


trials = []
try:
    import optuna
except ImportError:
    trials = [run(*point) for point in itertools.product(*grid.values())]
else:
    optuna.logging.set_verbosity(optuna.logging.WARNING)

    def objective(trial):
        trials.append(run(*(trial.suggest_categorical(name, values) for name, values in grid.items())))
        return trials[-1]["loss"][-1]

    optuna.create_study(sampler=optuna.samplers.GridSampler(grid, seed=seed)).optimize(objective)
print(json.dumps({"trials": trials}))
