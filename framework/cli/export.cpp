// temper export STUDY DIR: a trial's model as a Hugging Face folder, or PEFT's of adapters.
#include <filesystem>
#include <iostream>

#include <temper/error.h>

#include "cli/command_line.h"
#include "cli/find_trial.h"
#include "cli/forward.h"
#include "cli/verb.h"
#include "data/adapter_folder.h"
#include "study/model_place.h"
#include "study/trial_files.h"

namespace temper::cli {

namespace fs = std::filesystem;

namespace {

// The folder of a checkpoint's model: what a trial of its chain made of it, or the checkpoint that all of them left as it was.
fs::path model_of(const fs::path& checkpoint) {
  const fs::path own = study::saved_model_folder(checkpoint);
  if (!own.empty()) return own;
  const study::Trial trial = study::read_trial_file(checkpoint).trial;
  const char* remedy = "choose another trial: --trial N";
  if (!trial.reads("model")) throw Error(checkpoint.string() + " holds no model: the strategy uses none", remedy);
  const Value* unchanged = trial.table("model").find("checkpoint");
  if (!unchanged) throw Error(checkpoint.string() + " holds no model: no trial changed its random weights", remedy);
  return unchanged->as_string();
}

// Its files; what lies in folders below is no part of the model.
void copy_model(const fs::path& from, const fs::path& to) {
  fs::create_directories(to);
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
    if (entry.is_regular_file()) fs::copy_file(entry.path(), to / entry.path().filename());
  }
}

// Whether the model alone does not answer as the trial does: something is kept beside it, or no head answers.
bool needs_more(const fs::path& checkpoint) {
  if (!study::read_trial_file(checkpoint).head_is_trained) return true;
  for (const fs::path& folder : study::checkpoint_chain(checkpoint)) {
    if (fs::exists(folder / study::kStrategyFolder) && !fs::is_empty(folder / study::kStrategyFolder)) return true;
  }
  return false;
}

void copy_strategies(const fs::path& checkpoint, const fs::path& to) {
  fs::create_directories(to / study::kStrategyFolder);
  fs::copy_file(checkpoint / study::kTrialFile, to / study::kTrialFile);
  fs::copy(checkpoint / study::kStrategyFolder, to / study::kStrategyFolder, fs::copy_options::recursive);
  if (fs::exists(checkpoint / study::kBaseFolder)) copy_strategies(checkpoint / study::kBaseFolder, to / study::kBaseFolder);
}

}  // namespace

int export_model(const std::vector<std::string>& arguments) {
  std::string study, folder;
  std::optional<std::int64_t> trial;
  bool merge = false;
  CommandLine line("export", "Writes the best trial's model as a Hugging Face folder, with what its strategy keeps beside it.");
  line.positional("STUDY", study, "the study's folder, or its study.h5")
      .positional("DIR", folder, "the folder to write; it must not exist, or be empty")
      .option("trial", trial, "N", "this trial instead of the best")
      .flag("merge", merge, "take a trial's adapters into the weights: a model that needs no base");
  if (!line.parse(arguments)) return kDone;
  const fs::path checkpoint = find_checkpoint(study, trial);
  const fs::path model = model_of(checkpoint);
  if (fs::exists(folder) && !fs::is_empty(folder)) throw Error(folder + " is not empty", "give a folder that does not exist yet");

  // Beside the target first, so that a full disk leaves no half folder behind.
  const fs::path part = fs::absolute(folder).lexically_normal().string() + ".part";
  try {
    fs::remove_all(part);
    fs::create_directories(part.parent_path());
    if (merge && !data::is_adapter_folder(model)) std::cerr << "the trial's model has no adapters, it is exported as it is\n";
    if (merge && data::is_adapter_folder(model)) {
      run_worker("merge", {"--checkpoint", checkpoint.string(), "--model", model.string(), "--output", part.string()});
      study::copy_tokenizer(data::tokenizer_folder(model), part);
    } else {
      copy_model(model, part);
    }
    const study::Trial trial = study::read_trial_file(checkpoint).trial;
    const Value* tokenizer = trial.reads("model") ? trial.table("model").find("tokenizer") : nullptr;
    if (tokenizer && study::saved_model_folder(checkpoint).empty()) study::copy_tokenizer(tokenizer->as_string(), part);
    if (needs_more(checkpoint)) copy_strategies(checkpoint, part / study::kExportedFolder);
    fs::remove(folder);
    fs::rename(part, folder);
  } catch (const Error&) {
    std::error_code ignored;
    fs::remove_all(part, ignored);
    throw;
  } catch (const fs::filesystem_error& error) {
    std::error_code ignored;
    fs::remove_all(part, ignored);
    throw Error(folder + " cannot be written: " + error.code().message());
  }
  std::cerr << "wrote " << folder << '\n';
  return kDone;
}

}  // namespace temper::cli
