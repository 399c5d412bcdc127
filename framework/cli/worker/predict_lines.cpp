// temper predict, the part that needs a model: lines in, JSON lines out, in their order, a chunk at a time.
#include <ATen/Parallel.h>

#include <iostream>
#include <optional>
#include <thread>

#include <temper/error.h>
#include <temper/strategy.h>

#include "cli/command_line.h"
#include "cli/input_lines.h"
#include "cli/worker/prediction_line.h"
#include "cli/worker/worker_verb.h"
#include "data/model_folder.h"
#include "registry/registry.h"
#include "study/saved_answers.h"
#include "study/trial_model.h"

namespace temper::cli {

namespace {

std::vector<std::int64_t> read_ids(const Value& value, const std::string& key) {
  std::vector<std::int64_t> ids;
  if (!value.is_array()) throw Error(key + " is " + value.type_name() + ", it must be an array of token ids");
  for (const Value& id : value.as_array()) {
    if (!id.is_integer() || id.as_integer() < 0) throw Error(key + " has an element that is no token id");
    ids.push_back(id.as_integer());
  }
  return ids;
}

std::vector<std::string> read_words(const Value& value) {
  std::vector<std::string> words;
  for (const Value& word : value.as_array()) {
    if (!word.is_string()) throw Error("tokens has an element that is no text");
    words.push_back(word.as_string());
  }
  return words;
}

// A line that begins with a brace is a JSON object whose members are the item's fields; any other is text.
Item read_item(const std::string& line, std::int64_t number, std::int64_t max_length) {
  Item item;
  item.id = std::to_string(number);
  if (line.find_first_not_of(" \t") == std::string::npos || line[line.find_first_not_of(" \t")] != '{') {
    item.fields.set(kTextField, line);
    return item;
  }
  const Value object = parse_json(line);
  for (const auto& [key, value] : object.as_table()) {
    if (key == kInputIdsField || key == kTokenTypeIdsField) item.fields.set(key, read_ids(value, key));
    else if (value.is_string()) item.fields.set(key, value.as_string());
    else if (key == kTokensField && value.is_array()) item.fields.set(key, read_words(value));
    else item.fields.set(key, to_json(value));
    if (key == "id" && (value.is_string() || value.is_integer())) item.id = value.is_string() ? value.as_string() : std::to_string(value.as_integer());
  }
  const auto* ids = item.fields.ids(kInputIdsField);
  if (ids && ids->empty()) throw Error("input_ids is empty");
  if (ids && max_length > 0 && static_cast<std::int64_t>(ids->size()) > max_length) {
    throw Error("input_ids has " + std::to_string(ids->size()) + " tokens, the model takes at most " + std::to_string(max_length));
  }
  return item;
}

Value to_line(const Item& item, const Prediction& prediction, const TaskInfo& task, bool logits) {
  Value line{Value::Table{}};
  if (const std::string* id = item.fields.text("id")) line.set("id", *id);
  add_answer(line, prediction, task);
  if (logits) line.set("logits", Value(Value::Array(prediction.logits.begin(), prediction.logits.end())));
  return line;
}

constexpr std::size_t kChunk = 512;  // lines that are read before they are answered, so that batches can be sorted by length

}  // namespace

int predict_lines(const std::vector<std::string>& arguments) {
  std::string checkpoint, model, base, input_path, dtype = "float32";
  std::optional<std::int64_t> batch_size, threads;
  bool logits = false;
  CommandLine line("predict", "");
  line.option("checkpoint", checkpoint, "FOLDER", "").option("model", model, "FOLDER", "").option("base", base, "FOLDER", "").option("input", input_path, "FILE", "")
      .flag("logits", logits, "").option("dtype", dtype, "TYPE", "").option("batch-size", batch_size, "N", "").option("threads", threads, "N", "");
  if (!line.parse(arguments)) return 0;
  at::set_num_threads(static_cast<int>(threads.value_or(std::max(1u, std::thread::hardware_concurrency()))));

  study::SavedAnswers answerer(registry::installed(), {.batch_size = batch_size.value_or(32), .bf16 = dtype == "bf16", .device = study::find_device("auto")});
  if (checkpoint.empty()) answerer.open_model(data::find_checkpoint(model), base.empty() ? std::filesystem::path() : data::find_checkpoint(base));
  else answerer.open_checkpoint(checkpoint);
  for (const std::string& name : answerer.head_of_base()) std::cerr << "note: " << name << " is the base model's: the adapter has no head of its own\n";

  InputLines input(input_path);
  std::int64_t number = 0;
  bool more = true;
  while (more) {
    std::vector<Item> items;
    for (std::string text; items.size() < kChunk && (more = static_cast<bool>(std::getline(input.stream(), text)));) {
      ++number;
      if (!text.empty() && text.back() == '\r') text.pop_back();
      if (text.empty()) continue;
      try {
        items.push_back(read_item(text, number, answerer.max_length()));
      } catch (const Error& error) {
        throw Error({{{input.name(), static_cast<int>(number), 0}, error.problems().front().what, error.problems().front().remedy}});
      }
    }
    if (items.empty()) continue;
    const std::vector<Prediction> predictions = answerer.answer(items);
    for (std::size_t i = 0; i < items.size(); ++i) std::cout << to_json(to_line(items[i], predictions[i], answerer.task(), logits)) << '\n';
    std::cout.flush();
  }
  return 0;
}

}  // namespace temper::cli
