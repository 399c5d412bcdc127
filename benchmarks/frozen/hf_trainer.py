"""The peer: Hugging Face Trainer above frozen layers, on the same weights and tweets.

    hf_trainer.py MODEL TRAIN.csv VALIDATION.csv loss
        the mean loss of the train tweets before training, in float32, without dropout
    hf_trainer.py MODEL TRAIN.csv VALIDATION.csv head|last_layer bf16|f32|examples STEPS SEED RATE [RATE ...]
        one training per rate, one after another in this process: 5 epochs (STEPS 0) or STEPS steps
Prints one JSON object. Tweets are tokenized once, batches padded to their longest tweet and grouped by length; frozen layers run without
gradients and, as temper's, without dropout. With "examples" it is what the documentation's examples come to: bf16, requires_grad = False for what is frozen, which
keeps its dropout, and validation in the order of its file.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import hf_tweets

folder, train, validation, what = sys.argv[1:5]
if what == "loss":
    print(json.dumps({"loss": hf_tweets.mean_loss(folder, train)}))
    sys.exit()
precision, steps, seed, rates = sys.argv[5], int(sys.argv[6]), int(sys.argv[7]), [float(rate) for rate in sys.argv[8:]]
as_in_examples = precision == "examples"
items, validation = hf_tweets.read(folder, train), hf_tweets.read(folder, validation)
if not as_in_examples:
    validation = hf_tweets.by_length(validation)


def run(rate):
    model = hf_tweets.open_model(folder)
    hf_tweets.freeze_below(model, int(what == "last_layer"), keep_dropout=as_in_examples)
    return hf_tweets.train(model, folder, items, validation, num_train_epochs=5, max_steps=steps or -1, learning_rate=rate, per_device_train_batch_size=16, bf16=precision != "f32",
                           eval_strategy="no" if steps else "epoch", seed=seed)


print(json.dumps({"trials": [run(rate) for rate in rates]}))
