// Targets from what a table or a JSON line holds: the same spelling for every dataset plugin.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <temper/item.h>
#include <temper/task.h>

namespace temper {

// Whether a row of this task needs a target beside its text; language modelling learns the text itself.
bool task_has_targets(Task task);

// The target that a single cell spells: a label's name, a number (regression), or text (generation). Empty, with the reason in
// `problem`, when `text` spells none. Labels keep their spelling, blanks included. Throws Error for a task whose targets one
// cell cannot hold (several labels, tags, spans).
std::optional<Target> target_from_text(Task task, std::string_view text, std::string& problem);

}  // namespace temper
