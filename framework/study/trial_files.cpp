// The checkpoint folder of a trial, but for its tensors.
#include "study/trial_files.h"

#include <fstream>
#include <iterator>

#include <temper/error.h>

#include "data/atomic_file.h"

namespace temper::study {

namespace fs = std::filesystem;

void copy_tokenizer(const fs::path& tokenizer, const fs::path& folder) {
  static const char* const names[] = {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "tokenizer.model",
                                      "vocab.json", "merges.txt", "encoder.json", "vocab.bpe", "vocab.txt"};
  if (tokenizer.empty()) return;
  fs::create_directories(folder);
  const auto copy = [&](const fs::path& file) { fs::copy_file(file, folder / file.filename(), fs::copy_options::overwrite_existing); };
  if (!fs::is_directory(tokenizer)) {
    copy(tokenizer);
    return;
  }
  for (const char* name : names) {
    if (fs::exists(tokenizer / name)) copy(tokenizer / name);
  }
}

void write_trial_file(const Trial& trial, const TaskInfo& task, const fs::path& checkpoint) {
  Value document{Value::Table{}};
  document.set("trial", to_value(trial));
  document.set("labels", Value(Value::Array(task.labels.begin(), task.labels.end())));
  data::write_file_atomically(checkpoint / "trial.json", to_json(document) + '\n');
}

SavedTrial read_trial_file(const fs::path& checkpoint) {
  const fs::path path = checkpoint / "trial.json";
  std::ifstream file(path);
  if (!file) throw Error(path.string() + " is not there", "the trial's checkpoint was not kept, or the trial did not end");
  const Value document = parse_json(std::string{std::istreambuf_iterator<char>(file), {}}, path.string());
  const Value* trial = document.is_table() ? document.find("trial") : nullptr;
  const Value* labels = document.is_table() ? document.find("labels") : nullptr;
  if (!trial || !labels) throw Error(path.string() + " lacks \"trial\" or \"labels\"");
  SavedTrial saved{trial_from_value(*trial), {}};
  saved.task.task = task_from_string(saved.trial.options.find("task")->as_string());
  for (const Value& label : labels->as_array()) saved.task.labels.push_back(label.as_string());
  return saved;
}

}  // namespace temper::study
