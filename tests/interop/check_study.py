"""Checks the study that study_test.cpp writes against results/README.md, with h5py and pandas."""
import sys

import h5py
import numpy as np
import pandas

study = h5py.File(sys.argv[1])

# Root attributes.
assert study.attrs["format"] == "temper-study"
assert study.attrs["format_version"] == 1 and isinstance(study.attrs["format_version"], np.int64)
for name in ["name", "created", "finished", "temper_version", "torch_version", "git_commit", "host", "device"]:
    assert isinstance(study.attrs[name], str), name
assert study.attrs["host"] == "größer"
assert study["experiment"].asstr()[()] == 'name = "tweets"\n'
assert list(study["trials"]) == ["0001", "0002", "0003", "0004"]


def check_labels(name, item):
    if isinstance(item, h5py.Dataset):
        assert item.attrs["long_name"], name
        string = h5py.check_string_dtype(item.dtype)
        if string is None:
            assert item.dtype in (np.float64, np.int64, bool), (name, item.dtype)
        else:
            assert string.encoding == "utf-8" and string.length is None, name
    if "signal" in item.attrs:
        assert item.attrs["NX_class"] == "NXdata", name
        signal, axis = item[item.attrs["signal"]], item[item.attrs["axes"]]
        assert signal.shape == axis.shape, name


study.visititems(check_labels)

# A trained trial.
trial = study["trials/0001"]
assert trial.attrs["status"] == "complete" and trial.attrs["strategy"] == "lora" and trial.attrs["seed"] == 7
assert trial.attrs["error"] == ""
parameters = dict(trial["parameters"].attrs)
assert parameters["training.learning_rate"] == 5e-5
assert parameters["training.batch_size"] == 16 and isinstance(parameters["training.batch_size"], np.int64)
assert parameters["training.bf16"] is np.True_ or parameters["training.bf16"] == True and parameters["training.bf16"].dtype == bool
assert parameters["prompt.input"] == "Tweet: {text}\nGefühl:"
assert list(parameters["lora.target_modules"]) == ["query", "value"]
assert list(parameters["swept"]) == ["training.learning_rate"]

training = trial["training"]
assert sorted(training) == ["epoch", "grad_norm", "learning_rate", "loss", "phase", "seconds", "step", "tokens"]
assert training["step"].dtype == np.int64 and list(training["step"]) == [1, 2, 3]
assert np.isnan(training["loss"][2])
assert [training.attrs["phases"][i] for i in training["phase"]] == ["domain-adaptive", "domain-adaptive", "supervised"]
assert training["seconds"].attrs["units"] == "s"
evaluation = trial["evaluation"]
assert sorted(evaluation) == ["epoch", "phase", "step", "train_loss", "validation_accuracy", "validation_loss"]
assert evaluation.attrs["signal"] == "validation_loss" and list(evaluation.attrs["auxiliary_signals"]) == ["train_loss"]
assert evaluation["step"][0] == 0

metrics = trial["test/metrics"].attrs
assert metrics["accuracy"] == 0.746 and metrics["accuracy_stderr"] == 0.0137 and isinstance(metrics["accuracy"], np.float64)
predictions = trial["test/predictions"]
assert list(predictions["prediction"].asstr()) == ["positive", "négatif 👎"]
assert list(predictions["score_accuracy"]) == [1, 0]
assert list(predictions["used_ids"].asstr()) == ['["train:4", "train:9"]', "[]"]
assert list(predictions["written"].asstr()) == [" positive", " négatif 👎"] and list(predictions["answer_tokens"]) == [1, 64]

diagnosis = trial["diagnosis"].attrs
assert diagnosis["verdict"] == "good" and diagnosis["best_step"] == 3 and diagnosis["gap"] == 0.125 and diagnosis["reason"]
cost = trial["cost"].attrs
for name in ["train_seconds", "prepare_seconds", "predict_seconds", "seconds_per_prediction"]:
    assert isinstance(cost[name], np.float64), name
for name in ["train_tokens", "peak_memory_bytes", "trainable_parameters"]:
    assert isinstance(cost[name], np.int64), name
assert list(cost["shared_with"]) == ["0002"]

# A trial that does not train, and one that failed before it had a file.
untrained = study["trials/0003"]
assert "training" not in untrained and "evaluation" not in untrained
assert set(untrained) == {"parameters", "test", "diagnosis", "cost"}
assert len(untrained["parameters"].attrs["swept"]) == 0 and len(untrained["cost"].attrs["shared_with"]) == 0
failed = study["trials/0004"]
assert failed.attrs["status"] == "failed" and failed.attrs["error"] == "out of memory"

# The summary is a table in the order in which its columns are documented.
table = pandas.DataFrame({name: column.asstr()[:] if column.dtype == object else column[:] for name, column in study["summary"].items()})
assert list(table.columns) == ["trial", "strategy", "seed", "status", "verdict", "in_file", "training.learning_rate", "validation_loss",
                               "accuracy", "accuracy_stderr", "f1_macro", "f1_macro_stderr"], list(table.columns)
assert table.in_file.all() and list(table.trial) == [1, 2, 3, 4] and list(table.status) == ["complete", "complete", "complete", "failed"]
assert table["training.learning_rate"].isna().tolist() == [False, False, True, True]
assert table.sort_values("validation_loss").trial.iloc[0] == 2
assert study["summary"].attrs["objective"] == "validation_loss" and study["summary"].attrs["objective_better"] == "lower"

# Strategies side by side.
comparison = study["comparison"]
columns = ["strategy", "best_trial", "n_seeds", "n_folds", *[f"{name}{end}" for name in comparison.attrs["metrics"] for end in ["", "_low", "_high"]]]
side_by_side = pandas.DataFrame({name: comparison[name].asstr()[:] if comparison[name].dtype == object else comparison[name][:] for name in columns})
assert list(side_by_side.accuracy_low) == [0.719, 0.375] and list(side_by_side.best_trial) == [2, 3]
assert comparison["accuracy"].attrs["better"] == "higher" and comparison.attrs["level"] == 0.95
assert comparison["paired/accuracy/difference"].shape == (2, 2) and comparison["paired/accuracy/p_value"][0, 1] == 0.001
assert comparison["paired/accuracy/difference"][0, 1] == 0.341
assert sorted(comparison["cost"]) == ["predict_seconds", "prepare_seconds", "seconds_per_prediction", "train_seconds"]

# All of it can be loaded without knowing names.
study.visititems(lambda name, item: item[()] if isinstance(item, h5py.Dataset) else None)
print("all as promised")
