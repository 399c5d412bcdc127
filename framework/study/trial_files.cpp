// The checkpoint folder of a trial, but for its tensors.
#include "study/trial_files.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <temper/error.h>

#include "data/atomic_file.h"

namespace temper::study {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFiles = "files";

// Path below the folder and bytes of each file in it, by path.
Value sizes_of_files(const fs::path& folder) {
  Value::Table sizes;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) sizes.emplace_back(entry.path().lexically_relative(folder).generic_string(), static_cast<std::int64_t>(entry.file_size()));
  }
  std::sort(sizes.begin(), sizes.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return sizes;
}

Value read_document(const fs::path& path) {
  std::ifstream file(path);
  if (!file) throw Error(path.string() + " is not there", "the trial's checkpoint was not kept, or the trial did not end");
  return parse_json(std::string{std::istreambuf_iterator<char>(file), {}}, path.string());
}

}  // namespace

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

void write_trial_file(const SavedTrial& saved, const fs::path& checkpoint) {
  Value document{Value::Table{}};
  document.set("trial", to_value(saved.trial));
  document.set("labels", Value(Value::Array(saved.task.labels.begin(), saved.task.labels.end())));
  if (saved.task.has_no_answer) document.set("has_no_answer", true);
  document.set("head_is_trained", saved.head_is_trained);
  document.set(kFiles, sizes_of_files(checkpoint));
  data::write_file_atomically(checkpoint / kTrialFile, to_json(document) + '\n');
}

void check_checkpoint(const fs::path& checkpoint) {
  const std::string remedy = "remove " + checkpoint.parent_path().string() + " and run the study again: the trial is then repeated";
  try {
    const Value document = read_document(checkpoint / kTrialFile);
    document.as_table();
    const Value* files = document.find(kFiles);
    if (!files) return;  // of a temper that did not list them; they are the last member, so no cut leaves a document without
    for (const auto& [name, size] : files->as_table()) {
      std::error_code lacks;
      const std::uintmax_t found = fs::file_size(checkpoint / name, lacks);
      if (lacks) throw Error(name + " is missing");
      if (found != static_cast<std::uintmax_t>(size.as_integer())) {
        throw Error(name + " has " + std::to_string(found) + " bytes, the trial wrote " + std::to_string(size.as_integer()));
      }
    }
  } catch (const Error& error) {
    throw Error(checkpoint.string() + " is damaged: " + error.problems().front().what, remedy);
  }
}

std::vector<fs::path> checkpoint_chain(const fs::path& checkpoint) {
  std::vector<fs::path> chain;
  std::error_code no_more;  // a link that leads back here ends as a path that is too long
  for (fs::path at = checkpoint; fs::exists(at / kTrialFile, no_more); at /= kBaseFolder) chain.push_back(at);
  std::reverse(chain.begin(), chain.end());
  return chain;
}

void link_folder(const fs::path& from, const fs::path& to) {
  fs::create_directories(to);
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
    const fs::path target = to / entry.path().filename();
    if (entry.is_directory()) {
      link_folder(entry.path(), target);
      continue;
    }
    std::error_code no_link;
    fs::create_hard_link(entry.path(), target, no_link);
    if (no_link) fs::copy_file(entry.path(), target);
  }
}

SavedTrial read_trial_file(const fs::path& checkpoint) {
  const fs::path path = checkpoint / kTrialFile;
  const Value document = read_document(path);
  const Value* trial = document.is_table() ? document.find("trial") : nullptr;
  const Value* labels = document.is_table() ? document.find("labels") : nullptr;
  if (!trial || !labels) throw Error(path.string() + " lacks \"trial\" or \"labels\"");
  SavedTrial saved{trial_from_value(*trial), {}};
  if (const Value* trained = document.find("head_is_trained")) saved.head_is_trained = trained->as_bool();
  if (const Value* none = document.find("has_no_answer")) saved.task.has_no_answer = none->as_bool();
  const Value* task = saved.trial.options.find("task");
  if (!task) throw Error(path.string() + ": the trial's options lack \"task\"");
  saved.task.task = task_from_string(task->as_string());
  for (const Value& label : labels->as_array()) saved.task.labels.push_back(label.as_string());
  return saved;
}

}  // namespace temper::study
