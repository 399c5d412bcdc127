// The house keeps its order: a room includes rooms above it only, plugins include the SDK only, and torch stays where it belongs.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

namespace temper::testing {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kRooms = {"options", "registry", "data", "retrieval", "evaluation", "analysis", "record",
                                         "nn", "inference", "training", "study", "report", "launch", "cli"};
const std::vector<std::string> kTorchRooms = {"nn", "inference", "training"};

struct Include {
  fs::path file;
  int line = 0;
  std::string path;
  bool is_angled = false;
};

std::vector<Include> includes_below(const fs::path& folder) {
  static const std::regex pattern(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<Include> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string extension = entry.path().extension();
    if (extension != ".h" && extension != ".cpp") continue;
    std::ifstream file(entry.path());
    int number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      std::smatch match;
      if (std::regex_search(line, match, pattern)) found.push_back({entry.path(), number, match[2], match[1] == "<"});
    }
  }
  return found;
}

std::ptrdiff_t place_of(const std::string& room) { return std::find(kRooms.begin(), kRooms.end(), room) - kRooms.begin(); }
bool is_room(const std::string& name) { return std::find(kRooms.begin(), kRooms.end(), name) != kRooms.end(); }
std::string first_part(const std::string& path) { return path.substr(0, path.find('/')); }
std::string where(const Include& include) { return include.file.string() + ":" + std::to_string(include.line) + " includes " + include.path; }

bool is_torch(const std::string& path) {
  const std::string part = first_part(path);
  return part == "ATen" || part == "torch" || part == "c10" || path.starts_with("temper/torch/");
}

const fs::path kFramework = fs::path(TEMPER_SOURCE_DIRECTORY) / "framework";

TEST(Rooms, IncludeOnlyRoomsAboveThem) {
  std::size_t seen = 0;
  for (const std::string& room : kRooms) {
    if (!fs::exists(kFramework / room)) continue;
    for (const Include& include : includes_below(kFramework / room)) {
      const std::string target = first_part(include.path);
      if (include.is_angled || !is_room(target)) continue;
      EXPECT_LE(place_of(target), place_of(room)) << where(include);
      ++seen;
    }
  }
  EXPECT_GT(seen, 100u) << "the pattern finds no includes any more";
}

TEST(Rooms, TouchTorchOnlyWhereATrialRuns) {
  const std::vector<std::string> torch_files = {"study/run_trial.cpp", "study/trial_context.cpp", "study/trial_context.h", "study/trial_model.cpp", "study/trial_model.h",
                                                 "study/saved_answers.cpp", "study/saved_answers.h", "study/answering.cpp", "study/answering.h", "study/answer_by_choice.cpp", "study/answer_by_choice.h", "study/answer_by_generation.cpp", "study/answer_by_generation.h", "study/answer_by_generation_test.cpp", "study/embed_items.cpp", "study/embed_items.h", "study/kept_model.cpp", "study/measure_size.cpp", "study/phase_data.cpp", "study/phase_data.h", "study/kept_model_test.cpp"};
  for (const std::string& room : kRooms) {
    if (!fs::exists(kFramework / room) || std::find(kTorchRooms.begin(), kTorchRooms.end(), room) != kTorchRooms.end()) continue;
    for (const Include& include : includes_below(kFramework / room)) {
      const std::string file = fs::relative(include.file, kFramework).string();
      if (file.starts_with("cli/worker/") || std::find(torch_files.begin(), torch_files.end(), file) != torch_files.end()) continue;
      EXPECT_FALSE(is_torch(include.path)) << where(include);
    }
  }
}

TEST(Rooms, TheSdkIncludesNoRoomAndTorchOnlyInItsFolder) {
  for (const Include& include : includes_below(kFramework / "include/temper")) {
    EXPECT_FALSE(!include.is_angled && is_room(first_part(include.path))) << where(include);
    if (include.file.parent_path().filename() != "torch" && include.file.parent_path().filename() != "testing") { EXPECT_FALSE(is_torch(include.path)) << where(include); }
  }
}

TEST(Rooms, PluginsIncludeTheSdkOnly) {
  std::size_t seen = 0;
  for (const Include& include : includes_below(fs::path(TEMPER_SOURCE_DIRECTORY) / "plugins")) {
    if (include.file.filename().string().ends_with("_test.cpp")) continue;
    ++seen;
    if (include.is_angled) continue;
    const bool is_own = fs::exists(include.file.parent_path() / include.path);
    EXPECT_TRUE(is_own) << where(include);
  }
  EXPECT_GT(seen, 20u);
}

}  // namespace
}  // namespace temper::testing
