"""Loads a folder that temper exported with the class of transformers that its task has, and compares what both say.

    load_exported_tasks.py TASK FOLDER LINES [ANSWERS]      ANSWERS: what `temper predict --logits` said to LINES
Prints the largest difference of logits; exits 1 with a sentence where something is missing, left over or different.
"""
import json
import sys

import torch
import transformers

TOLERANCE = 1e-4
CLASSES = {
    "token_classification": transformers.AutoModelForTokenClassification,
    "question_answering": transformers.AutoModelForQuestionAnswering,
    "regression": transformers.AutoModelForSequenceClassification,
    "multi_label": transformers.AutoModelForSequenceClassification,
    "masked": transformers.AutoModelForMaskedLM,
    "causal": transformers.AutoModelForCausalLM,
}


def differ(what, ours, theirs):
    sys.exit(f"{what}: transformers says {theirs}, temper says {ours}")


def compare(ours, theirs):
    theirs = theirs.flatten()
    if len(ours) != len(theirs):
        differ("number of logits", len(ours), len(theirs))
    return (torch.tensor(ours) - theirs).abs().max().item()


def token_classification(model, tokenizer, line, answer):
    encoded = tokenizer(line["tokens"], is_split_into_words=True, return_tensors="pt")
    words = encoded.word_ids()
    first = [t for t, word in enumerate(words) if word is not None and word != words[t - 1]]
    logits = model(**encoded).logits[0, first]
    tags = [model.config.id2label[int(i)] for i in logits.argmax(-1)]
    if tags != answer["tags"]:
        differ("tags", answer["tags"], tags)
    return compare(answer["logits"], logits)


def question_answering(model, tokenizer, line, answer):
    encoded = tokenizer(line["question"], line["context"], return_tensors="pt", return_offsets_mapping=True)
    offsets = encoded.pop("offset_mapping")[0].tolist()
    output = model(**encoded)
    begin, end = output.start_logits[0], output.end_logits[0]
    inside = [t for t, sequence in enumerate(encoded.sequence_ids()) if sequence == 1]
    _, b, e = max((float(begin[b] + end[e]), b, e) for b in inside for e in inside if b <= e < b + 30)
    text = line["context"][offsets[b][0]:offsets[e][1]]
    if text != answer["spans"][0]["text"]:
        differ("answer", answer["spans"][0]["text"], text)
    return compare(answer["logits"], torch.stack([begin, end], -1)) if answer.get("logits") else 0.0


def sequence(model, tokenizer, line):
    return model(**tokenizer(line["text"], line.get("text_pair"), return_tensors="pt")).logits[0]


def regression(model, tokenizer, line, answer):
    if model.config.problem_type != "regression" or model.config.num_labels != 1:
        sys.exit("config.json does not say that this is a regression")
    logits = sequence(model, tokenizer, line)
    if abs(logits.item() - answer["score"]) > TOLERANCE:
        differ("score", answer["score"], logits.item())
    return compare(answer["logits"], logits)


def multi_label(model, tokenizer, line, answer):
    if model.config.problem_type != "multi_label_classification":
        sys.exit("config.json does not say that there are several labels")
    logits = sequence(model, tokenizer, line)
    labels = [model.config.id2label[i] for i, logit in enumerate(logits) if logit.sigmoid() > 0.5]
    if sorted(labels) != sorted(answer["labels"]):
        differ("labels", answer["labels"], labels)
    return compare(answer["logits"], logits)


def masked(model, tokenizer, line):
    """The words that are the same in every text are found behind a mask."""
    words = line["text"].split()
    for place in (0, 1, 3):
        text = " ".join("[MASK]" if i == place else word for i, word in enumerate(words))
        logits = model(**tokenizer(text, return_tensors="pt")).logits[0, place + 1]
        found = tokenizer.convert_ids_to_tokens(int(logits.argmax()))
        if found != words[place]:
            differ(text, words[place], found)
    return 0.0


def causal(model, tokenizer, line, answer):
    ids = tokenizer(line["text"], return_tensors="pt").input_ids
    if answer["nll_tokens"] == ids.shape[1]:  # the first token is scored behind the start token
        start = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
        ids = torch.cat([torch.tensor([[start]]), ids], 1)
    nll = model(input_ids=ids, labels=ids).loss.item() * (ids.shape[1] - 1)
    if abs(nll - answer["nll"]) > TOLERANCE * ids.shape[1]:
        differ("negative log-likelihood", answer["nll"], nll)
    return 0.0


def main(task, folder, lines, answers=None):
    model, report = CLASSES[task].from_pretrained(folder, output_loading_info=True)
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        if report[kind]:
            sys.exit(f"{kind}: {sorted(map(str, report[kind]))}")
    model.eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    worst = 0.0
    with torch.no_grad():
        said = [json.loads(line) for line in open(answers)] if answers else None
        for i, line in enumerate(map(json.loads, open(lines))):
            arguments = (said[i],) if said else ()
            worst = max(worst, globals()[task](model, tokenizer, line, *arguments))
    print(f"largest difference of logits: {worst:.2e}")
    sys.exit(worst > TOLERANCE)


main(*sys.argv[1:])
