"""The peer: each experiment's training as Hugging Face's own examples do it, with Trainer.

    hf_tasks.py TASK SEED        TASK: wnut17, squad, pubmedqa, tweets, shakespeare, wikitext
Prints one JSON object with the metrics of the test split.
"""
import csv
import json
import math
import os
import pathlib
import sys
import tempfile

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
import numpy
import torch
import transformers
from transformers import (AutoModelForCausalLM, AutoModelForQuestionAnswering, AutoModelForSequenceClassification, AutoModelForTokenClassification, AutoTokenizer,
                          DataCollatorForTokenClassification, DataCollatorWithPadding, Trainer, TrainingArguments, default_data_collator, set_seed)

root = pathlib.Path(__file__).resolve().parents[2]
shared = pathlib.Path(os.environ.get("TEMPER_SHARED", root.parent / "shared"))
MINILM = root / "models/minilm"
STORIES = shared / "models/stories260K-hf"

# As the experiment files say.
SETTINGS = {
    "wnut17": dict(learning_rate=1e-4, per_device_train_batch_size=16, num_train_epochs=3),
    "squad": dict(learning_rate=1e-4, per_device_train_batch_size=16, num_train_epochs=2),
    "pubmedqa": dict(learning_rate=5e-5, per_device_train_batch_size=16, num_train_epochs=3),
    "tweets": dict(learning_rate=1e-4, per_device_train_batch_size=32, num_train_epochs=2, lr_scheduler_type="constant"),
    "shakespeare": dict(learning_rate=1e-3, per_device_train_batch_size=8, num_train_epochs=2),
    "wikitext": dict(learning_rate=1e-3, per_device_train_batch_size=8, num_train_epochs=2),
}


def train(model, task, seed, dataset, collator):
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(output_dir=folder, seed=seed, bf16=True, use_cpu=True, logging_strategy="no", save_strategy="no", report_to=[],
                                      per_device_eval_batch_size=32, **SETTINGS[task])
        trainer = Trainer(model=model, args=arguments, train_dataset=dataset, data_collator=collator)
        trainer.train()
    model.eval()
    return trainer


def logits_of(model, items, collator, names):
    """The model's outputs in float32 for encoded items, in their order."""
    rows = []
    with torch.no_grad():
        for begin in range(0, len(items), 32):
            batch = collator([{key: item[key] for key in ("input_ids", "attention_mask", "token_type_ids") if key in item} for item in items[begin:begin + 32]])
            output = model(**batch)
            rows += list(zip(*(output[name].float().numpy() for name in names)))
    return rows


def read_conll(path):
    sentences, tokens, tags = [], [], []
    for line in open(path, encoding="utf-8"):
        columns = line.rstrip("\n").split("\t")
        if columns[0].strip():
            tokens.append(columns[0])
            tags.append(columns[1])
        elif tokens:
            sentences.append((tokens, tags))
            tokens, tags = [], []
    return sentences + ([(tokens, tags)] if tokens else [])


def wnut17(seed):
    from seqeval.metrics import f1_score, precision_score, recall_score
    train_rows, test_rows = (read_conll(shared / "data/wnut17" / name) for name in ("wnut17train.conll", "emerging.test.annotated"))
    labels = sorted({tag for _, tags in train_rows for tag in tags})
    tokenizer = AutoTokenizer.from_pretrained(MINILM)

    def encode(rows):
        items = []
        for tokens, tags in rows:
            item = tokenizer(tokens, is_split_into_words=True, truncation=True, max_length=512)
            words = item.word_ids()
            item = dict(item)
            item["labels"] = [labels.index(tags[word]) if word is not None and (i == 0 or words[i - 1] != word) and tags[word] in labels else -100 for i, word in enumerate(words)]
            item["words"] = words
            items.append(item)
        return items

    model = AutoModelForTokenClassification.from_pretrained(MINILM, num_labels=len(labels))
    collator = DataCollatorForTokenClassification(tokenizer)
    train(model, "wnut17", seed, [{key: item[key] for key in item if key != "words"} for item in encode(train_rows)], collator)
    items = encode(test_rows)
    predicted = []
    padding = DataCollatorWithPadding(tokenizer)
    for item, (tokens, tags), (logits,) in zip(items, test_rows, logits_of(model, items, padding, ["logits"])):
        row = ["O"] * len(tokens)
        for i, word in enumerate(item["words"]):
            if word is not None and item["words"][i - 1] != word:
                row[word] = labels[int(logits[i].argmax())]
        predicted.append(row)
    truth = [tags for _, tags in test_rows]
    return {"seqeval_f1": f1_score(truth, predicted), "seqeval_precision": precision_score(truth, predicted), "seqeval_recall": recall_score(truth, predicted)}


def squad(seed):
    tokenizer = AutoTokenizer.from_pretrained(MINILM)

    def questions(name):
        for article in json.load(open(root / "data" / name, encoding="utf-8"))["data"]:
            for paragraph in article["paragraphs"]:
                for qa in paragraph["qas"]:
                    yield qa["question"].strip(), paragraph["context"], qa["answers"]

    def windows(question, context):
        encoded = tokenizer(question, context, truncation="only_second", max_length=384, stride=128, return_overflowing_tokens=True, return_offsets_mapping=True)
        for i in range(len(encoded["input_ids"])):
            kinds = encoded.sequence_ids(i)
            offsets = [offset if kind == 1 else None for offset, kind in zip(encoded["offset_mapping"][i], kinds)]
            yield {key: encoded[key][i] for key in ("input_ids", "attention_mask", "token_type_ids")}, offsets

    train_items = []
    for question, context, answers in questions("squad_train.json"):
        begin = answers[0]["answer_start"]
        end = begin + len(answers[0]["text"])
        for item, offsets in windows(question, context):
            inside = [i for i, offset in enumerate(offsets) if offset]
            start_position = end_position = 0
            if offsets[inside[0]][0] <= begin and offsets[inside[-1]][1] >= end:
                start_position = max(i for i in inside if offsets[i][0] <= begin)
                end_position = min(i for i in inside if offsets[i][1] >= end)
            train_items.append({**item, "start_positions": start_position, "end_positions": end_position})
    model = AutoModelForQuestionAnswering.from_pretrained(MINILM)
    padding = DataCollatorWithPadding(tokenizer)
    train(model, "squad", seed, train_items, padding)

    exact = f1 = count = 0.0
    for question, context, answers in questions("squad_test.json"):
        found = list(windows(question, context))
        best = (-math.inf, "")
        for (start, end), (_, offsets) in zip(logits_of(model, [item for item, _ in found], padding, ["start_logits", "end_logits"]), found):
            for i in numpy.argsort(start[:len(offsets)])[-20:]:
                for j in numpy.argsort(end[:len(offsets)])[-20:]:
                    if offsets[i] and offsets[j] and i <= j < i + 30 and start[i] + end[j] > best[0]:
                        best = (start[i] + end[j], context[offsets[i][0]:offsets[j][1]])
        exact += max(normalized(best[1]) == normalized(answer["text"]) for answer in answers)
        f1 += max(overlap(best[1], answer["text"]) for answer in answers)
        count += 1
    return {"exact_match": exact / count, "squad_f1": f1 / count}


def normalized(text):
    """SQuAD's: lower case, no punctuation, no articles, single blanks."""
    import re
    import string
    text = "".join(character for character in text.lower() if character not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def overlap(answer, reference):
    from collections import Counter
    ours, theirs = normalized(answer).split(), normalized(reference).split()
    same = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * same / (len(ours) + len(theirs)) if same else float(ours == theirs)


def classification(task, seed, train_rows, test_rows):
    from sklearn.metrics import f1_score
    tokenizer = AutoTokenizer.from_pretrained(MINILM)
    labels = sorted({row[-1] for row in train_rows})

    def encode(rows):
        return [{**tokenizer(*row[:-1], truncation=True, max_length=512 if task == "tweets" else 384), "labels": labels.index(row[-1])} for row in rows]

    model = AutoModelForSequenceClassification.from_pretrained(MINILM, num_labels=len(labels))
    padding = DataCollatorWithPadding(tokenizer)
    train(model, task, seed, encode(train_rows), padding)
    predicted = [int(logits.argmax()) for (logits,) in logits_of(model, encode(test_rows), padding, ["logits"])]
    truth = [labels.index(row[-1]) for row in test_rows]
    return {"accuracy": float(numpy.mean(numpy.equal(predicted, truth))), "f1_macro": f1_score(truth, predicted, average="macro")}


def pubmedqa(seed):
    def rows(name): return [(row["text"], row["text_pair"], row["label"]) for row in map(json.loads, open(root / "data" / name, encoding="utf-8"))]
    return classification("pubmedqa", seed, rows("pubmedqa_train.jsonl"), rows("pubmedqa_test.jsonl"))


def tweets(seed):
    def rows(name): return [(row["text"], row["sentiment"]) for row in csv.DictReader(open(shared / "data/tweets" / name, newline="", encoding="utf-8")) if row["text"]]
    return classification("tweets", seed, rows("train_1000.csv"), rows("test_1000.csv"))


def language_model(task, seed, train_file, test_file, general_file):
    tokenizer = AutoTokenizer.from_pretrained(STORIES)
    block = 256

    def blocks(path):
        ids = tokenizer(open(path, encoding="utf-8").read())["input_ids"]
        return [ids[i:i + block] for i in range(0, len(ids), block)]

    def loss(path):
        """Mean over tokens: every block by itself, its first token is read only."""
        total, count = 0.0, 0
        with torch.no_grad():
            for ids in blocks(path):
                if len(ids) > 1:
                    total += model(input_ids=torch.tensor([ids]), labels=torch.tensor([ids])).loss.item() * (len(ids) - 1)
                    count += len(ids) - 1
        return total / count

    model = AutoModelForCausalLM.from_pretrained(STORIES)
    before = loss(test_file), loss(general_file)
    full = [{"input_ids": ids, "labels": ids} for ids in blocks(train_file) if len(ids) == block]
    train(model, task, seed, full, default_data_collator)
    after = loss(test_file), loss(general_file)
    return {"loss_before": before[0], "loss": after[0], "general_before": before[1], "general": after[1]}


def shakespeare(seed):
    return language_model("shakespeare", seed, root / "data/shakespeare_train.txt", root / "data/shakespeare_test.txt", shared / "data/wikitext2/test.txt")


def wikitext(seed):
    return language_model("wikitext", seed, shared / "data/wikitext2/valid.txt", shared / "data/wikitext2/test.txt", root / "data/shakespeare_test.txt")


if __name__ == "__main__":
    task, seed = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(2)
    transformers.utils.logging.set_verbosity_error()
    set_seed(seed)
    print(json.dumps(globals()[task](seed)))
