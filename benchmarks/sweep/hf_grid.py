"""The peer: a grid over Hugging Face Trainer in one process, as Optuna's GridSampler runs it, on the same weights and tweets.

    hf_grid.py MODEL TRAIN.csv VALIDATION.csv loss
        the mean loss of the train tweets before training, in float32, without dropout
    hf_grid.py MODEL TRAIN.csv VALIDATION.csv full|last_layer SEED RATES BATCHES EPOCHS
        a training for each learning rate, batch size and number of epochs (each a list with commas)
Prints one JSON object. Tweets are tokenized once, batches padded to their longest tweet and grouped by length, products in bf16, no checkpoints.
Frozen layers run without gradients and, as temper's, without dropout. Where optuna is installed its GridSampler gives the trials, else they are
listed here: it takes no time that could be measured.
"""
import itertools
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import hf_tweets

folder, train, validation, what = sys.argv[1:5]
if what == "loss":
    print(json.dumps({"loss": hf_tweets.mean_loss(folder, train)}))
    sys.exit()
seed = int(sys.argv[5])
grid = {"rate": [float(value) for value in sys.argv[6].split(",")], "batch": [int(value) for value in sys.argv[7].split(",")],
        "epochs": [int(value) for value in sys.argv[8].split(",")]}
items, validation = hf_tweets.read(folder, train), hf_tweets.by_length(hf_tweets.read(folder, validation))


def run(rate, batch, epochs):
    model = hf_tweets.open_model(folder)
    if what == "last_layer":
        hf_tweets.freeze_below(model, 1)
    result = hf_tweets.train(model, folder, items, validation, num_train_epochs=epochs, learning_rate=rate, lr_scheduler_type="constant", per_device_train_batch_size=batch, bf16=True,
                             eval_strategy="epoch", seed=seed)
    return {"rate": rate, "batch": batch, "epochs": epochs, **result}


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
