// Snapshots as safetensors files: numbers in the metadata as JSON, tensors as they are, a checksum over both.
#include "training/snapshot.h"

#include <cmath>
#include <limits>

#include <ATen/ATen.h>
#include <xxhash.h>

#include "data/safetensors.h"
#include "nn/tensor_bytes.h"

namespace temper::training {
namespace {

constexpr const char* kFormat = "temper-snapshot";
constexpr const char* kVersion = "2";

// JSON has no NaN: what the writer makes a string becomes a number again.
double number(const Value& value) {
  if (!value.is_string()) return value.as_number();
  const std::string& text = value.as_string();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return std::numeric_limits<double>::quiet_NaN();
}

const Value& member(const Value& table, const char* key) {
  const Value* found = table.find(key);
  if (!found) throw Error(std::string("the snapshot has no \"") + key + "\"");
  return *found;
}

// ---- scores: numbers go to JSON, per-item losses to a tensor ----

Value to_value(const SplitScore& score) {
  Value value;
  value.set("loss", score.loss);
  value.set("loss_stderr", score.loss_stderr);
  Value::Array metrics;
  for (const auto& [name, number] : score.metrics) metrics.push_back(Value::Array{name, number});
  value.set("metrics", std::move(metrics));
  return value;
}

SplitScore score_from(const Value& value) {
  SplitScore score;
  score.loss = number(member(value, "loss"));
  score.loss_stderr = number(member(value, "loss_stderr"));
  for (const Value& metric : member(value, "metrics").as_array()) {
    score.metrics.emplace_back(metric.as_array().at(0).as_string(), number(metric.as_array().at(1)));
  }
  return score;
}

Tensor losses_of(const SplitScore& score) { return at::tensor(score.losses, at::kDouble); }
Tensor counts_of(const SplitScore& score) { return at::tensor(score.counts, at::kLong); }

template <class T>
std::vector<T> elements(const std::map<std::string, Tensor>& tensors, const std::string& name) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) throw Error("the snapshot has no tensor \"" + name + "\"");
  const T* data = found->second.data_ptr<T>();  // throws when the type is another one
  return {data, data + found->second.numel()};
}

std::string evaluation_name(std::size_t row, const char* split) { return "evaluation." + std::to_string(row) + "." + split; }

// ---- the whole state ----

Value state_of(const Snapshot& snapshot) {
  Value value;
  value.set("finished", snapshot.finished);
  value.set("status", static_cast<std::int64_t>(snapshot.status));
  value.set("stopped_early", snapshot.stopped_early);
  value.set("step", snapshot.step);
  value.set("tokens", snapshot.tokens);
  value.set("seconds", snapshot.seconds);
  value.set("best_step", snapshot.selection.best_step ? Value(*snapshot.selection.best_step) : Value());
  value.set("best_value", snapshot.selection.best_value);
  value.set("misses", snapshot.selection.misses);
  value.set("steps_from", snapshot.steps_from);
  value.set("shared_steps", snapshot.shared_steps);
  value.set("observer", snapshot.observer);
  Value::Table moment_steps;
  for (const auto& [name, steps] : snapshot.moment_steps) moment_steps.emplace_back(name, steps);
  value.set("moment_steps", std::move(moment_steps));
  Value::Array evaluations;
  for (const EvaluationRow& row : snapshot.evaluations) {
    Value& written = evaluations.emplace_back();
    written.set("step", row.step);
    written.set("epoch", row.epoch);
    written.set("train", to_value(row.train));
    written.set("validation", row.validation ? to_value(*row.validation) : Value());
  }
  value.set("evaluations", std::move(evaluations));
  return value;
}

Snapshot snapshot_from(const Value& value, std::map<std::string, Tensor> tensors) {
  Snapshot snapshot;
  snapshot.finished = member(value, "finished").as_bool();
  snapshot.status = static_cast<Status>(member(value, "status").as_integer());
  snapshot.stopped_early = member(value, "stopped_early").as_bool();
  snapshot.step = member(value, "step").as_integer();
  snapshot.tokens = member(value, "tokens").as_integer();
  snapshot.seconds = number(member(value, "seconds"));
  if (!member(value, "best_step").is_null()) snapshot.selection.best_step = member(value, "best_step").as_integer();
  snapshot.selection.best_value = number(member(value, "best_value"));
  snapshot.selection.misses = member(value, "misses").as_integer();
  snapshot.steps_from = member(value, "steps_from").as_string();
  snapshot.shared_steps = member(value, "shared_steps").as_integer();
  snapshot.observer = member(value, "observer");
  for (const auto& [name, steps] : member(value, "moment_steps").as_table()) snapshot.moment_steps[name] = steps.as_integer();
  const Value::Array& evaluations = member(value, "evaluations").as_array();
  for (std::size_t i = 0; i < evaluations.size(); ++i) {
    EvaluationRow& row = snapshot.evaluations.emplace_back();
    row.step = member(evaluations[i], "step").as_integer();
    row.epoch = number(member(evaluations[i], "epoch"));
    row.train = score_from(member(evaluations[i], "train"));
    row.train.losses = elements<double>(tensors, evaluation_name(i, "train"));
    row.train.counts = elements<std::int64_t>(tensors, "counts.train");
    if (member(evaluations[i], "validation").is_null()) continue;
    row.validation = score_from(member(evaluations[i], "validation"));
    row.validation->losses = elements<double>(tensors, evaluation_name(i, "validation"));
    row.validation->counts = elements<std::int64_t>(tensors, "counts.validation");
  }
  std::erase_if(tensors, [](const auto& entry) { return entry.first.starts_with("evaluation.") || entry.first.starts_with("counts."); });
  snapshot.tensors = std::move(tensors);
  return snapshot;
}

// Of the state and of each tensor's name and bytes; the order is that of the names.
std::string checksum(const std::string& state, const std::map<std::string, data::Tensor>& tensors) {
  std::uint64_t sum = XXH3_64bits(state.data(), state.size());
  for (const auto& [name, tensor] : tensors) {
    sum = XXH3_64bits_withSeed(name.data(), name.size(), sum);
    sum = XXH3_64bits_withSeed(tensor.bytes.data(), tensor.bytes.size(), sum);
  }
  return std::to_string(sum);
}

Snapshot read_whole(const std::filesystem::path& path, std::string& identity) {
  const data::SafetensorsFile file(path);
  const auto text = [&](const char* key) {
    const auto found = file.metadata().find(key);
    return found == file.metadata().end() ? std::string() : found->second;
  };
  if (text("format") != kFormat || text("version") != kVersion) throw Error(path.string() + " is no snapshot of this version");
  std::map<std::string, data::Tensor> stored;
  for (const data::Tensor& tensor : file.tensors()) stored.emplace(tensor.name, tensor);
  if (text("checksum") != checksum(text("state"), stored)) throw Error(path.string() + " is damaged: its checksum differs");
  std::map<std::string, Tensor> tensors;
  for (const auto& [name, tensor] : stored) tensors.emplace(name, nn::to_tensor(tensor));
  identity = text("identity");
  return snapshot_from(parse_json(text("state"), path.string()), std::move(tensors));
}

}  // namespace

void write_snapshot(const std::filesystem::path& path, const Snapshot& snapshot) {
  std::map<std::string, Tensor> tensors = snapshot.tensors;
  for (std::size_t i = 0; i < snapshot.evaluations.size(); ++i) {
    const EvaluationRow& row = snapshot.evaluations[i];
    tensors[evaluation_name(i, "train")] = losses_of(row.train);
    tensors["counts.train"] = counts_of(row.train);
    if (!row.validation) continue;
    tensors[evaluation_name(i, "validation")] = losses_of(*row.validation);
    tensors["counts.validation"] = counts_of(*row.validation);
  }
  std::map<std::string, data::Tensor> stored;
  std::vector<data::Tensor> written;
  for (auto& [name, tensor] : tensors) {
    tensor = tensor.detach().to(at::kCPU).contiguous();
    written.push_back(stored.emplace(name, nn::to_stored(name, tensor)).first->second);
  }
  const std::string state = to_json(state_of(snapshot));
  data::write_safetensors(path, std::move(written),
                          {{"format", kFormat}, {"version", kVersion}, {"identity", snapshot.identity}, {"state", state}, {"checksum", checksum(state, stored)}});
}

std::optional<Snapshot> read_snapshot(const std::filesystem::path& path, const std::string& identity) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  std::optional<Snapshot> snapshot;
  std::string found;
  try {
    snapshot = read_whole(path, found);
  } catch (const std::exception&) {  // whatever is wrong with it, nothing can be read from it
    return std::nullopt;
  }
  if (found != identity) {
    throw Error(path.string() + " is a snapshot of other options than these", "delete it to start over");
  }
  snapshot->identity = found;
  return snapshot;
}

}  // namespace temper::training
