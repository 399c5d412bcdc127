// temper predict, the part that needs a model: lines in, JSON lines out, in their order, a chunk at a time.
#include <ATen/Parallel.h>

#include <iostream>
#include <optional>
#include <thread>

#include <temper/error.h>
#include <temper/strategy.h>

#include "cli/command_line.h"
#include "cli/declared_options.h"
#include "cli/input_lines.h"
#include "cli/progress.h"
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
Item read_item(const std::string& line, std::int64_t number) {
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
  if (object.find("messages") && !ids && !item.fields.text(kTextField)) {
    throw Error("\"messages\" is a dialogue: only the chat template of its model, a Jinja program that temper does not run, says what text that is", "render it yourself, and give {\"text\": ...}");
  }
  return item;
}

// `most` tokens of ids; 0: whoever answers knows.
void check_length(const Item& item, std::int64_t most) {
  const auto* ids = item.fields.ids(kInputIdsField);
  if (!ids || most <= 0 || static_cast<std::int64_t>(ids->size()) <= most) return;
  throw Error("input_ids has " + std::to_string(ids->size()) + " tokens, the model takes at most " + std::to_string(most));
}

void add_generated(Value& line, const Generated& generated) {
  line.set("ids", Value(Value::Array(generated.tokens.begin(), generated.tokens.end())));
  line.set("tokens", static_cast<std::int64_t>(generated.tokens.size()));
  line.set("finish", generated.finish);
  line.set("logprob", generated.logprob);
}

struct LineFormat {
  TaskInfo task;
  bool logits = false;
  bool raw_text = false;  // what a model folder writes stands as it is; a trial's answer is without the blank before it
};

Value to_line(const Item& item, const Prediction& prediction, const LineFormat& format) {
  Value line{Value::Table{}};
  if (const std::string* id = item.fields.text("id")) line.set("id", *id);
  if (format.task.task == Task::kGeneration) {
    line.set("text", format.raw_text && prediction.generated ? prediction.generated->text : to_string(prediction.value));
    if (prediction.generated) add_generated(line, *prediction.generated);
    return line;
  }
  add_answer(line, prediction, format.task);
  if (format.logits) line.set("logits", Value(Value::Array(prediction.logits.begin(), prediction.logits.end())));
  if (prediction.generated) {
    line.set("text", prediction.generated->text);
    add_generated(line, *prediction.generated);
  }
  return line;
}

constexpr std::size_t kChunk = 512;  // lines that are read before they are answered, so that batches can be sorted by length

}  // namespace

int predict_lines(const std::vector<std::string>& arguments) {
  std::string checkpoint, model, base, input_path, truncate, dtype = "float32";
  std::optional<std::int64_t> batch_size, threads, seed;
  bool logits = false, quiet = false;
  OptionsOf<GenerationOptions> generation;
  DeclaredOptions written(generation);
  CommandLine line("predict", "");
  line.option("checkpoint", checkpoint, "FOLDER", "").option("model", model, "FOLDER", "").option("base", base, "FOLDER", "").option("input", input_path, "FILE", "")
      .flag("logits", logits, "").flag("quiet", quiet, "").option("truncate", truncate, "left", "").option("dtype", dtype, "TYPE", "").option("seed", seed, "N", "")
      .option("batch-size", batch_size, "N", "").option("threads", threads, "N", "");
  written.declare(line);
  if (!line.parse(arguments)) return 0;
  written.read("temper predict");
  at::set_num_threads(static_cast<int>(threads.value_or(std::max(1u, std::thread::hardware_concurrency()))));

  InputLines input(input_path);
  Progress progress(quiet ? std::nullopt : input.count(), quiet);
  study::SavedAnswers answerer(registry::installed(), {.batch_size = batch_size.value_or(32),
                                                       .generated_rows = batch_size,
                                                       .bf16 = dtype == "bf16",
                                                       .device = study::find_device("auto"),
                                                       .too_long = truncate == "left" ? std::optional(TooLong::kCut) : std::nullopt,
                                                       .answered = [&](std::int64_t more) { progress.add(more); }});
  if (checkpoint.empty()) {
    answerer.open_model(data::find_checkpoint(model), base.empty() ? std::filesystem::path() : data::find_checkpoint(base),
                        {.generation = generation.value, .seed = static_cast<std::uint64_t>(seed.value_or(0))});
    const std::vector<std::string> given = written.arguments();
    if (!given.empty() && !answerer.is_language_model()) throw Error("temper predict: " + model + " writes no text, " + given.front() + " does not apply");
  } else {
    answerer.open_checkpoint(checkpoint);
  }
  for (const std::string& name : answerer.head_of_base()) std::cerr << "note: " << name << " is the base model's: the adapter has no head of its own\n";
  const LineFormat format{answerer.task(), logits, answerer.is_language_model()};

  std::int64_t number = 0, done = 0;
  bool more = true;
  while (more) {
    std::vector<Item> items;
    for (std::string text; items.size() < kChunk && (more = static_cast<bool>(std::getline(input.stream(), text)));) {
      ++number;
      if (!text.empty() && text.back() == '\r') text.pop_back();
      if (text.empty()) continue;
      try {
        items.push_back(read_item(text, number));
        check_length(items.back(), answerer.most_tokens());
      } catch (const Error& error) {
        throw Error({{{input.name(), static_cast<int>(number), 0}, error.problems().front().what, error.problems().front().remedy}});
      }
    }
    if (items.empty()) continue;
    const std::vector<Prediction> predictions = answerer.answer(items);
    done += static_cast<std::int64_t>(items.size());
    progress.set(done);
    progress.clear();
    for (std::size_t i = 0; i < items.size(); ++i) std::cout << to_json(to_line(items[i], predictions[i], format)) << '\n';
    std::cout.flush();
  }
  const study::Truncation& truncation = answerer.truncation();
  if (truncation.items > 0) {
    std::cerr << truncation.items << " of " << done << " lines were too long for the model and lost their " << (truncation.at_end ? "last " : "first ") << truncation.dropped_tokens << " tokens\n";
  }
  return 0;
}

}  // namespace temper::cli
