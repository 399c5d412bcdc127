"""Makes a tiny random model for each task by transformers, trains it for three AdamW steps on one batch, and writes checkpoint, batch and
losses into a folder per task: train_tasks.py FOLDER"""
import json
import sys
from pathlib import Path

import torch
from transformers import (BertConfig, BertForMaskedLM, BertForQuestionAnswering, BertForSequenceClassification, BertForTokenClassification,
                          GPT2Config, GPT2LMHeadModel)

torch.set_num_threads(1)
PAD, IGNORED, STEPS, RATE = 0, -100, 3, 5e-3


def bert(**more):
    return BertConfig(vocab_size=50, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=48, max_position_embeddings=32,
                      hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, initializer_range=0.2, **more)


def rows(generator, lengths):
    return [torch.randint(5, 50, (n,), generator=generator).tolist() for n in lengths]


def padded(values, width, fill):
    return torch.tensor([v + [fill] * (width - len(v)) for v in values])


def train(folder, model, ids, inputs, targets, loss_of=lambda output: output.loss):
    width = max(map(len, ids))
    batch = {"input_ids": padded(ids, width, PAD), "attention_mask": padded([[1] * len(i) for i in ids], width, 0), **inputs}
    folder.mkdir(parents=True)
    model.save_pretrained(folder)
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
    losses = []
    for _ in range(STEPS):
        loss = loss_of(model(**batch))
        losses.append(loss.item())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
    (folder / "steps.json").write_text(json.dumps({"learning_rate": RATE, "rows": [{"ids": i, **t} for i, t in zip(ids, targets)], "losses": losses}))


def main(folder):
    torch.manual_seed(1)
    generator = torch.Generator().manual_seed(2)
    ragged, even = [5, 9, 7, 3], [8, 8, 8]

    ids = rows(generator, ragged)
    values = [0.5, -1.0, 2.0, 3.5]
    train(folder / "regression", BertForSequenceClassification(bert(num_labels=1, problem_type="regression")), ids,
          {"labels": torch.tensor(values)}, [{"values": [v]} for v in values])

    labels, weights = torch.tensor([0, 2, 1, 2]), [0.25, 5.0, 1.0]
    weighed = torch.nn.CrossEntropyLoss(weight=torch.tensor(weights))
    train(folder / "class_weights", BertForSequenceClassification(bert(num_labels=3)), ids, {}, [{"labels": [label]} for label in labels.tolist()],
          lambda output: weighed(output.logits, labels))

    several = [[1.0, 0.0, 1.0], [0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 1.0]]
    train(folder / "multi_label", BertForSequenceClassification(bert(num_labels=3, problem_type="multi_label_classification")), ids,
          {"labels": torch.tensor(several)}, [{"values": v} for v in several])

    tags = [[IGNORED if t % 3 == 2 else (t + len(i)) % 4 for t in range(len(i))] for i in ids]
    train(folder / "token_classification", BertForTokenClassification(bert(num_labels=4)), ids,
          {"labels": padded(tags, max(ragged), IGNORED)}, [{"labels": t} for t in tags])

    masked = [[i[t] if t % 2 == 1 else IGNORED for t in range(len(i))] for i in ids]
    train(folder / "masked", BertForMaskedLM(bert()), ids, {"labels": padded(masked, max(ragged), IGNORED)}, [{"labels": m} for m in masked])

    ids = rows(generator, even)  # padding would take part in transformers' softmax
    spans = [[2, 4], [0, 0], [6, 6]]
    train(folder / "question_answering", BertForQuestionAnswering(bert()), ids,
          {"start_positions": torch.tensor([s[0] for s in spans]), "end_positions": torch.tensor([s[1] for s in spans])}, [{"labels": s} for s in spans])

    ids = rows(generator, ragged)
    answers = [[IGNORED] * (len(i) // 2) + i[len(i) // 2:] for i in ids]
    config = GPT2Config(vocab_size=50, n_positions=32, n_embd=24, n_layer=2, n_head=3, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
                        initializer_range=0.2, bos_token_id=0, eos_token_id=0)
    train(folder / "generation", GPT2LMHeadModel(config), ids, {"labels": padded(answers, max(ragged), IGNORED)}, [{"labels": a} for a in answers])


main(Path(sys.argv[1]))
