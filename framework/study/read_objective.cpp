// The objective: the validation loss or one of the metrics, of the validation split.
#include "study/experiment_reader.h"

namespace temper::study {

void ExperimentReader::objective(const Value* given) {
  if (given && !given->is_string()) return;     // reported already
  if (!experiment_.has_validation) {
    if (given) problems_.add(given->place, "objective is " + to_toml(*given) + ", and there is no validation split", "add validation = 0.1 to [dataset]: the test split chooses nothing");
    return;
  }
  const std::string text = given ? given->as_string() : "validation_loss";
  if (text == "validation_loss") {
    experiment_.objective = Objective{text, "", Better::kLower};
    return;
  }
  if (!task_is_known_) return;
  if (text.starts_with("test_") || text.starts_with("train_")) {
    problems_.add(given->place, "objective is \"" + text + "\", it must be of the validation split", "did you mean \"validation_" + text.substr(text.find('_') + 1) + "\"?");
    return;
  }
  const std::string prefix = "validation_";
  const std::string metric = text.starts_with(prefix) ? text.substr(prefix.size()) : text;
  for (const MetricValue& value : metric_values_) {
    if (value.name != metric) continue;
    experiment_.objective = Objective{prefix + metric, metric, value.better};
    return;
  }
  report_objective(*given, metric);
}

void ExperimentReader::report_objective(const Value& given, const std::string& metric) {
  const std::string what = "objective is " + to_toml(given);
  try {
    schemas_.metric_values(metric, experiment_.task);
    problems_.add(given.place, what + ", which is not measured", "add \"" + metric + "\" to metrics");
  } catch (const Error&) {
    std::vector<std::string> names = {"validation_loss"};
    for (const MetricValue& value : metric_values_) names.push_back("validation_" + value.name);
    std::string remedy = did_you_mean(given.as_string().starts_with("validation_") ? given.as_string() : "validation_" + given.as_string(), names);
    if (remedy.empty())
      for (const std::string& name : names) remedy += (remedy.empty() ? "there are \"" : ", \"") + name + '"';
    problems_.add(given.place, what + ", which is neither validation_loss nor a metric of the task", remedy);
  }
}

}  // namespace temper::study
