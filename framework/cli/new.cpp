// temper new experiment: an experiment file for one's own data, from a look at it.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <iostream>

#include <temper/error.h>

#include "cli/command_line.h"
#include "cli/verb.h"
#include "data/model_folder.h"
#include "launch/check_inputs.h"
#include "launch/plugin_schemas.h"
#include "launch/worker_pool.h"
#include "registry/registry.h"
#include "study/guess_columns.h"
#include "study/look_at_data.h"
#include "study/study.h"
#include "study/suggest_experiment.h"

namespace temper::cli {

namespace fs = std::filesystem;

namespace {

// Never in place of a file that is there.
void write_new_file(const fs::path& file, const std::string& text) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0 && errno == EEXIST) throw Error(file.string() + " is there already", "choose another name: --output FILE.toml; or remove it");
  if (descriptor < 0) throw Error(file.string() + " cannot be written: " + std::strerror(errno));
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = ::write(descriptor, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    done += static_cast<std::size_t>(written);
  }
  const bool is_whole = ::close(descriptor) == 0 && done == text.size();
  if (is_whole) return;
  fs::remove(file);
  throw Error(file.string() + " cannot be written: " + std::strerror(errno));
}

std::uintmax_t bytes_of_model(const std::string& model) {
  const data::ModelFolder folder = data::open_model_folder(data::find_checkpoint(model));
  std::uintmax_t bytes = 0;
  for (const fs::path& file : folder.tensor_files) bytes += fs::file_size(file);
  return bytes;
}

bool offers(const OptionSchema& schema, const std::string& option, const std::string& choice) {
  for (const OptionSpec& spec : schema) {
    if (spec.name != option) continue;
    for (const std::string& known : spec.choices) {
      if (known == choice) return true;
    }
  }
  return false;
}

std::optional<std::string> if_given(const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); }

void make_experiment(const std::string& data, const std::string& text, const std::string& label, study::ExperimentWish wish) {
  const registry::Registry registry(registry::plugin_folders(), {.first_load = registry::FirstLoad::kInChild, .worker = {}, .cache = {}});
  const std::atomic<int> never_stopped = 0;
  launch::WorkerPool workers(launch::worker_program(), 1, never_stopped);
  const launch::PluginSchemas schemas(registry, [&](const Value& question, const std::string& doing) { return workers.ask(question, doing); });
  const study::DataLook look = study::look_at_data(data, registry);
  const study::ColumnGuess columns = study::guess_columns(look, if_given(text), if_given(label));
  if (wish.model) wish.model_bytes = bytes_of_model(*wish.model);
  wish.has_lora = offers(schemas.schema("strategy", "supervised"), "tune", "lora");
  write_new_file(wish.output, study::suggest_experiment(look, columns, wish));
  try {  // as `run` does, so that what is wrong with the data is told now
    const study::Study made = study::read_study(wish.output, {}, launch::surroundings(schemas));
    launch::summarize_inputs(made, registry);
    std::cerr << "text: column \"" << columns.text << "\"; label: column \"" << columns.label << "\"; " << made.trials.size() << " trials. next: temper run " << wish.output.string() << '\n';
  } catch (...) {
    fs::remove(wish.output);
    throw;
  }
  std::cout << wish.output.string() << '\n';
}

}  // namespace

int make_new(const std::vector<std::string>& arguments) {
  std::string kind, name, data, test, text, label, model, output;
  CommandLine line("new", "Writes an experiment file for your own data, which runs as it is: looks at the data, guesses the columns, and says in comments what it found.");
  line.positional("KIND", kind, "experiment")
      .optional_positional("NAME", name, "of the study; default: the data's file name")
      .option("data", data, "FILE", "the rows: CSV with any usual delimiter, or JSON lines")
      .option("test", test, "FILE", "the test rows, with the same columns; default: a share of the rows")
      .option("text", text, "COLUMN", "the column with the text; default: guessed")
      .option("label", label, "COLUMN", "the column with the label; default: guessed")
      .option("model", model, "FOLDER", "a checkpoint, or a name in the local Hugging Face cache; default: strategies that need none")
      .option("output", output, "FILE.toml", "default: NAME.toml in the current folder; never overwritten");
  if (!line.parse(arguments)) return kDone;
  if (kind != "experiment") throw Error("temper new makes no \"" + kind + "\"", "there is: temper new experiment --data FILE");
  if (data.empty()) throw Error("temper new experiment: --data is missing", "see: temper new --help");
  if (name.find('/') != std::string::npos) throw Error("temper new experiment: NAME is \"" + name + "\", it must be usable as a folder's name");
  study::ExperimentWish wish;
  wish.name = name.empty() ? study::study_name_of(data) : name;
  wish.output = output.empty() ? fs::path(wish.name + ".toml") : fs::path(output);
  if (!test.empty()) wish.test = test;
  wish.model = if_given(model);
  if (fs::exists(wish.output)) throw Error(wish.output.string() + " is there already", "choose another name: --output FILE.toml; or remove it");
  make_experiment(data, text, label, std::move(wish));
  return kDone;
}

}  // namespace temper::cli
