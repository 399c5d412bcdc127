// Targets from the text of one cell.
#include <temper/targets.h>

#include <charconv>
#include <cmath>

#include <temper/error.h>

namespace temper {

bool task_has_targets(Task task) { return task != Task::kLanguageModeling; }

std::optional<Target> target_from_text(Task task, std::string_view text, std::string& problem) {
  switch (task) {
    case Task::kClassification:
      if (!text.empty()) return Label{std::string(text)};
      problem = "is empty, expected a label";
      return std::nullopt;
    case Task::kRegression: {
      double value = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error == std::errc() && end == text.data() + text.size() && std::isfinite(value)) return Score{value};
      problem = "is \"" + std::string(text.substr(0, 60)) + "\", expected a number";
      return std::nullopt;
    }
    case Task::kGeneration:
      if (!text.empty()) return Text{std::string(text)};
      problem = "is empty, expected a text";
      return std::nullopt;
    default:
      throw Error("one column cannot hold the targets of the task " + std::string(to_string(task)),
                  "take a dataset plugin made for that task");
  }
}

}  // namespace temper
