"""The peer: the training that a trial of temper did, as Hugging Face's own examples do it, with Trainer.

    hf_tasks.py OPTIONS.json SEED [THREADS]     OPTIONS.json: the parameters that temper recorded of the trial, by full path
Prints one JSON object: the metrics of the test split, its references, and what shows that both sides did the same. Knows the strategies supervised
(tune = "full") and domain_adaptive (then = "none").
"""
import csv
import ctypes
import json
import math
import os
import sys
import tempfile
import time

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
import numpy
import torch
import transformers
from transformers import (AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForQuestionAnswering, AutoModelForSequenceClassification,
                          AutoModelForTokenClassification, AutoTokenizer, DataCollatorForLanguageModeling, DataCollatorForTokenClassification,
                          DataCollatorWithPadding, Trainer, TrainingArguments, set_seed)
from transformers.utils import logging

import metrics

READ = ("input_ids", "attention_mask", "token_type_ids")


class Peer:
    """One training and its answers. A task is a method below that sets model, train_items, collator, and returns what was found on test."""

    def __init__(self, options, seed):
        self.options, self.seed = options, seed
        self.checkpoint = options["model.checkpoint"]
        self.tokenizer = AutoTokenizer.from_pretrained(options["model.tokenizer"])
        unknown = [name for name in ("training.early_stopping_patience", "training.class_weights", "dataset.limit", "dataset.folds") if any(key.startswith(name) for key in options)]
        if unknown or options["training.keep"] != "last" or options["tune"] != "full" or options.get("then", "none") != "none":
            sys.exit(f"the peer does not know how to train as this trial did: {unknown or 'keep, tune or then'}")

    def option(self, name, otherwise=None):
        """A phase of pre-training may have its own."""
        return self.options.get("pretraining." + name, self.options.get("training." + name, otherwise))

    def train(self, model, items, collator):
        self.model = model
        with tempfile.TemporaryDirectory() as folder:
            trainer = Trainer(model=model, train_dataset=items, data_collator=collator, args=TrainingArguments(
                output_dir=folder, seed=self.seed, use_cpu=True, bf16=self.option("bf16"), report_to=[], logging_strategy="no", save_strategy="no", disable_tqdm=True,
                remove_unused_columns=False, per_device_train_batch_size=self.option("batch_size"), num_train_epochs=self.option("epochs"), max_steps=self.option("max_steps", -1),
                gradient_accumulation_steps=self.option("gradient_accumulation_steps"), learning_rate=self.option("learning_rate"), lr_scheduler_type=self.option("lr_scheduler_type"),
                warmup_steps=self.option("warmup_steps") or self.option("warmup_ratio"), weight_decay=self.option("weight_decay"), adam_beta1=self.option("adam_beta1"),
                adam_beta2=self.option("adam_beta2"), adam_epsilon=self.option("adam_epsilon"), max_grad_norm=self.option("max_grad_norm")))
            began = time.perf_counter()
            trainer.train()
            self.seconds = time.perf_counter() - began
        self.steps = trainer.state.global_step
        self.parameters = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)

    def outputs(self, items):
        """The model's outputs for encoded items, in their order, in the precision of Trainer's evaluation."""
        self.model.eval()
        pad = DataCollatorWithPadding(self.tokenizer)
        for begin in range(0, len(items), 32):
            batch = pad([{key: item[key] for key in READ if key in item} for item in items[begin:begin + 32]])
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=bool(self.option("bf16"))):
                output = self.model(**batch)
            for row in range(len(batch["input_ids"])):
                yield {name: output[name][row].float().numpy() for name in output.keys() if "logits" in name}

    # run_glue
    def classification(self):
        train, test = (self.labelled_rows(self.options["dataset." + split]) for split in ("train", "test"))
        labels = sorted({row[-1] for row in train})
        length = self.option("max_length") or self.tokenizer.model_max_length

        def encode(rows):
            return [{**self.tokenizer(*row[:-1], truncation=True, max_length=length), "labels": labels.index(row[-1])} for row in rows]

        self.train(AutoModelForSequenceClassification.from_pretrained(self.checkpoint, num_labels=len(labels)), encode(train), DataCollatorWithPadding(self.tokenizer))
        return self.scored([labels[int(output["logits"].argmax())] for output in self.outputs(encode(test))], [row[-1] for row in test])

    def labelled_rows(self, path):
        columns = [self.options[name] for name in ("dataset.text", "dataset.text_pair", "dataset.label") if name in self.options]
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file) if self.options["dataset.plugin"] == "csv" else map(json.loads, file))
        return [tuple(row[column] for column in columns) for row in rows]

    # run_ner
    def token_classification(self):
        train, test = (read_conll(self.options["dataset." + split]) for split in ("train", "test"))
        labels = sorted({tag for _, tags in train for tag in tags})
        length = self.option("max_length") or self.tokenizer.model_max_length

        def encode(rows):
            for tokens, tags in rows:
                item = self.tokenizer(tokens, is_split_into_words=True, truncation=True, max_length=length)
                words = item.word_ids()
                firsts = [word if word is not None and word != before else None for before, word in zip([None] + words, words)]
                yield {**item, "labels": [labels.index(tags[word]) if word is not None and tags[word] in labels else -100 for word in firsts]}, firsts

        self.train(AutoModelForTokenClassification.from_pretrained(self.checkpoint, num_labels=len(labels)), [item for item, _ in encode(train)], DataCollatorForTokenClassification(self.tokenizer))
        encoded = list(encode(test))
        found = [["O"] * len(tokens) for tokens, _ in test]
        for row, (_, firsts), output in zip(found, encoded, self.outputs([item for item, _ in encoded])):
            for token, word in enumerate(firsts):
                if word is not None:
                    row[word] = labels[int(output["logits"][token].argmax())]
        return self.scored(found, [tags for _, tags in test])

    # run_qa, where each question has an answer
    def question_answering(self):
        length, stride, longest = self.option("max_length") or 384, self.option("doc_stride"), self.option("max_answer_length")

        def windows(question, context):
            encoded = self.tokenizer(question, context, truncation="only_second", max_length=length, stride=stride, return_overflowing_tokens=True, return_offsets_mapping=True)
            for i in range(len(encoded["input_ids"])):
                offsets = [offset if kind == 1 else None for offset, kind in zip(encoded["offset_mapping"][i], encoded.sequence_ids(i))]
                yield {key: encoded[key][i] for key in READ if key in encoded}, offsets

        items = []
        for question, context, answers in read_squad(self.options["dataset.train"]):
            begin = answers[0]["answer_start"]
            end = begin + len(answers[0]["text"])
            for item, offsets in windows(question, context):
                inside = [i for i, offset in enumerate(offsets) if offset]
                first = last = 0
                if offsets[inside[0]][0] <= begin and offsets[inside[-1]][1] >= end:
                    first = max(i for i in inside if offsets[i][0] <= begin)
                    last = min(i for i in inside if offsets[i][1] >= end)
                items.append({**item, "start_positions": first, "end_positions": last})
        self.train(AutoModelForQuestionAnswering.from_pretrained(self.checkpoint), items, DataCollatorWithPadding(self.tokenizer))
        found, right = [], []
        for question, context, answers in read_squad(self.options["dataset.test"]):
            encoded = list(windows(question, context))
            best = (-math.inf, "")
            for output, (_, offsets) in zip(self.outputs([item for item, _ in encoded]), encoded):
                start, end = output["start_logits"][:len(offsets)], output["end_logits"][:len(offsets)]
                for i in numpy.argsort(start)[-20:]:
                    for j in numpy.argsort(end)[-20:]:
                        if offsets[i] and offsets[j] and i <= j < i + longest and start[i] + end[j] > best[0]:
                            best = (start[i] + end[j], context[offsets[i][0]:offsets[j][1]])
            found.append(best[1])
            right.append([answer["text"] for answer in answers])
        return self.scored(found, right)

    # run_clm and run_mlm, over the blocks and windows that temper makes of a document
    def language_modeling(self):
        masked = "CausalLM" not in "".join(AutoConfig.from_pretrained(self.checkpoint).architectures)
        block = self.option("max_length") or self.tokenizer.model_max_length
        frame = self.tokenizer("")["input_ids"] if masked else []  # around each piece: [CLS], [SEP]

        def ids(text):
            return self.tokenizer(text, add_special_tokens=not masked)["input_ids"]

        def framed(piece, labels):
            return {"input_ids": frame[:1] + piece + frame[1:], "labels": [-100] * len(frame[:1]) + labels + [-100] * len(frame[1:])}

        def blocks(text):
            """Each token is a target once; a causal model's block begins with the token before."""
            all_ids, again = ids(text), 0 if masked else 1
            return [framed(piece, piece) for piece in (all_ids[begin:begin + block - len(frame)] for begin in range(0, len(all_ids) - again, block - len(frame) - again))]

        def windows(text):
            """The same to score, but the last one reaches back to be full."""
            all_ids, room, again, begin = ids(text), block - len(frame), 0 if masked else 1, 0
            while True:
                end = min(begin + room, len(all_ids))
                first = max(0, end - room) if end == len(all_ids) else begin
                known = begin + again - first  # already targets, or the first token of all
                yield framed(all_ids[first:end], [-100] * known + all_ids[begin + again:end])
                if end == len(all_ids):
                    return
                begin = end - again

        def collate(items):
            longest = max(len(item["input_ids"]) for item in items)
            def padded(rows, value): return torch.tensor([row + [value] * (longest - len(row)) for row in rows])
            return {"input_ids": padded([item["input_ids"] for item in items], 0), "attention_mask": padded([[1] * len(item["input_ids"]) for item in items], 0),
                    "labels": padded([item["labels"] for item in items], -100)}

        mask = DataCollatorForLanguageModeling(self.tokenizer) if masked else None

        def mask_anew(items):
            batch = collate(items)
            batch["input_ids"], batch["labels"] = mask.torch_mask_tokens(batch["input_ids"], special_tokens_mask=batch["labels"] == -100)
            return batch

        def loss(text, item_id):
            """Sum of nats and number of targets."""
            items = list(windows(text))
            if masked:
                items = [drawn_as_temper(item, item_id, part, self.tokenizer) for part, item in enumerate(items)]
            total = count = 0
            self.model.eval()
            for begin in range(0, len(items), 8):
                batch = collate(items[begin:begin + 8])
                labels = batch.pop("labels")
                with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=bool(self.option("bf16"))):
                    logits = self.model(**batch).logits
                if not masked:
                    logits, labels = logits[:, :-1], labels[:, 1:]
                total += torch.nn.functional.cross_entropy(logits[labels != -100].float(), labels[labels != -100], reduction="sum").item()
                count += int((labels != -100).sum())
            return total, count

        def mean_loss(text, item_id):
            total, count = loss(text, item_id)
            return total / count

        self.model = (AutoModelForMaskedLM if masked else AutoModelForCausalLM).from_pretrained(self.checkpoint)
        start, finish, general = {}, {}, None
        if self.options["plugin"] == "domain_adaptive":
            train, validation = without_end(whole_text(only(self.options["corpus"])), self.options["validation"])
            general = whole_text(only(self.options["general"])) if len(self.options["general"]) else None
            phase_ids = "validation-1", "general-1"
        else:
            train, validation = (whole_text(self.options["dataset." + split]) for split in ("train", "validation"))
            phase_ids = "validation:1", None

        def measure(losses):
            losses["validation_loss"] = mean_loss(validation, phase_ids[0])
            if general:
                losses["forgetting_loss"] = mean_loss(general, phase_ids[1])

        if not masked:  # whose head is new, and differs
            measure(start)
        self.train(self.model, blocks(train), mask_anew if masked else collate)
        measure(finish)
        test = whole_text(self.options["dataset.test"])
        total, count = loss(test, "test:1")
        found = {"perplexity": math.exp(total / count), "byte_perplexity": math.exp(total / len(test.encode())), **finish}
        return {"metrics": found, "start": start, "targets": count, "references": [test]}

    def scored(self, predictions, references):
        return {"metrics": metrics.score(self.options["task"], predictions, references), "references": references}


def only(values):
    values = [values] if isinstance(values, str) else values
    if len(values) != 1:
        sys.exit("the peer reads a single text")
    return values[0]


def whole_text(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def without_end(text, share):
    """The text without its last lines, and these: the share that temper sets aside for validation."""
    data = text.encode()
    cut = data.rfind(b"\n", 0, int(len(data) - share * len(data)) + 1) + 1
    return data[:cut].decode(), data[cut:].decode()


def drawn_as_temper(item, item_id, part, tokenizer):
    """The tokens that temper masks when it scores: a pure function of item, window and place (framework/training/token_objectives.cpp)."""
    xxhash = ctypes.CDLL("libxxhash.so.0")
    xxhash.XXH3_64bits.restype = xxhash.XXH3_64bits_withSeed.restype = ctypes.c_uint64
    key = xxhash.XXH3_64bits(item_id.encode(), ctypes.c_size_t(len(item_id.encode())))
    if part > 0:
        key = xxhash.XXH3_64bits_withSeed(ctypes.byref(ctypes.c_uint64(part)), ctypes.c_size_t(8), ctypes.c_uint64(key))
    every, golden = 2**64 - 1, 0x9E3779B97F4A7C15

    def mix(z):
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & every
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & every
        return z ^ (z >> 31)

    def bits_of(seed, counter):
        return mix(mix(seed + golden & every) + (counter + 1) * golden & every)

    passed = bits_of(0x7E3A11 ^ key, 0)
    ids, labels = list(item["input_ids"]), list(item["labels"])
    for t, label in enumerate(labels):
        if label == -100:
            continue
        bits = bits_of(passed, t)
        share = (bits >> 11) * 2.0**-53
        if share >= 0.15:
            labels[t] = -100
        elif share < 0.15 * 0.8:
            ids[t] = tokenizer.mask_token_id
        elif share < 0.15 * 0.9:
            ids[t] = bits_of(bits, t) % len(tokenizer)
    return {"input_ids": ids, "labels": labels}


def read_conll(path):
    sentences, tokens, tags = [], [], []
    with open(path, encoding="utf-8") as file:
        for line in file:
            columns = line.rstrip("\n").split("\t")
            if columns[0].strip():
                tokens.append(columns[0])
                tags.append(columns[-1])
            elif tokens:
                sentences.append((tokens, tags))
                tokens, tags = [], []
    return sentences + ([(tokens, tags)] if tokens else [])


def read_squad(path):
    with open(path, encoding="utf-8") as file:
        for article in json.load(file)["data"]:
            for paragraph in article["paragraphs"]:
                for qa in paragraph["qas"]:
                    yield qa["question"], paragraph["context"], qa["answers"]


if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[3]) if len(sys.argv) > 3 else 2)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    with open(sys.argv[1], encoding="utf-8") as file:
        peer = Peer(json.load(file), int(sys.argv[2]))
    set_seed(peer.seed)
    found = getattr(peer, peer.options["task"])()
    print(json.dumps({**found, "steps": peer.steps, "parameters": peer.parameters, "seconds": peer.seconds, "versions": f"torch {torch.__version__}, transformers {transformers.__version__}"}))
