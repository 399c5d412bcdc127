// From the names of metrics to metrics that are ready to score a task.
//
// A name is a plugin's ("f1": its default values) or a value's ("f1_macro"). Which plugin computes a value is read from the
// manifests, so that only plugins that are used are loaded: a metric plugin claims value names, TEMPER_CLAIMS("f1_* precision_*"), a
// star standing for the rest of the name. Options of the plugin may follow the name: "bleu:tokenize=char,lowercase=true". A claim "usual:TASK" puts it among what is reported when an experiment names no metrics.
#pragma once

#include <string>
#include <vector>

#include <temper/metric.h>
#include <temper/task.h>

#include "evaluation/score.h"

namespace temper::registry { class Registry; }

namespace temper::evaluation {

// The names of the plugins that are usual for a task, sorted; may be empty.
std::vector<std::string> usual_metrics(const registry::Registry& registry, Task task);

// The values that a name stands for: one for a value's name, perhaps several for a plugin's. For when the labels are not known
// yet: "f1_positive" is taken at its word. Throws Error for a name of no metric, with did-you-mean, or of none for this task.
std::vector<MetricValue> values_named(const registry::Registry& registry, const std::string& name, Task task);

// Loads the metrics. No names: the usual ones. A value named twice is reported once. All wrong names are in one Error.
MetricSet choose_metrics(const registry::Registry& registry, const std::vector<std::string>& names, const TaskInfo& task);

// Does it score that task? Throws Error for a name of no metric.
bool scores_task(const registry::Registry& registry, const std::string& name, Task task);

}  // namespace temper::evaluation
