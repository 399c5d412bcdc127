// temper export STUDY DIR: a trial's model as a Hugging Face folder.
#include <filesystem>
#include <iostream>

#include <temper/error.h>

#include "cli/command_line.h"
#include "cli/find_trial.h"
#include "cli/verb.h"

namespace temper::cli {

namespace fs = std::filesystem;

int export_model(const std::vector<std::string>& arguments) {
  std::string study, folder;
  std::optional<std::int64_t> trial;
  CommandLine line("export", "Writes the best trial's model as a Hugging Face folder: config.json, model.safetensors, tokenizer files.");
  line.positional("STUDY", study, "the study's folder, or its study.h5")
      .positional("DIR", folder, "the folder to write; it must not exist, or be empty")
      .option("trial", trial, "N", "this trial instead of the best");
  if (!line.parse(arguments)) return kDone;
  const fs::path checkpoint = find_checkpoint(study, trial);
  if (!fs::exists(checkpoint / "model")) throw Error(checkpoint.string() + " holds no model: the strategy uses none", "choose another trial: --trial N");
  if (fs::exists(folder) && !fs::is_empty(folder)) throw Error(folder + " is not empty", "give a folder that does not exist yet");

  // Beside the target first, so that a full disk leaves no half folder behind.
  const fs::path part = fs::absolute(folder).lexically_normal().string() + ".part";
  try {
    fs::remove_all(part);
    fs::create_directories(part.parent_path());
    fs::copy(checkpoint / "model", part, fs::copy_options::recursive);
    fs::remove(folder);
    fs::rename(part, folder);
  } catch (const fs::filesystem_error& error) {
    std::error_code ignored;
    fs::remove_all(part, ignored);
    throw Error(folder + " cannot be written: " + error.code().message());
  }
  std::cerr << "wrote " << folder << '\n';
  return kDone;
}

}  // namespace temper::cli
