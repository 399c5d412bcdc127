// Templates: the one way in which an item becomes text, for training, shots, retrieval and prediction alike; and what a strategy
// puts before it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <temper/item.h>
#include <temper/options.h>
#include <temper/task.h>

namespace temper {

struct PromptOptions {
  std::string input = "{text}";
  std::map<std::string, std::string> labels;
  void visit(OptionVisitor& v);
};

// A template is text with {field} in it; {{ and }} are literal braces.
class Template {
 public:
  explicit Template(std::string_view text);  // throws Error on an unbalanced brace
  const std::vector<std::string>& fields() const { return fields_; }
  std::string render(const Item& item) const;  // throws Error when the item lacks a field, with did-you-mean

 private:
  std::vector<std::string> literals_;  // one more than fields_
  std::vector<std::string> fields_;
};

// [prompt] for one task: how its items and its answers are spelled.
class PromptFormat {
 public:
  // Throws Error when [prompt] labels names a label that the task lacks, or two labels are spelled alike.
  PromptFormat(const PromptOptions& options, const TaskInfo& task);
  // The item as `input` renders it.
  std::string input(const Item& item) const { return input_.render(item); }
  // What follows the input where the target is the answer: a label as `labels` spells it, by default its name, behind one blank
  // (" good"); a text as it is, behind one blank.
  std::string answer(const Target& target) const;
  // The answers that a label can be, in the order of the task's labels.
  const std::vector<std::string>& choices() const { return choices_; }

 private:
  Template input_;
  std::vector<std::string> labels_, choices_;
};

// A piece that stands in the prompt before the item: a solved example, a passage.
struct PromptBlock {
  std::string id;    // recorded with the prediction
  std::string text;  // as it stands there, with the line breaks that part it from what follows
};

// What the model reads for one item: the blocks, then the item as [prompt] renders it. Where that is longer than the model can read,
// whole blocks are left out from one end until it fits, and their ids are recorded as dropped; an item that does not fit alone is cut.
struct Prompt {
  enum class LeaveOut { kFirst, kLast };
  std::vector<PromptBlock> blocks;
  LeaveOut leave_out = LeaveOut::kFirst;  // the end that is given up: shots far from the item, or passages of a low rank
};

}  // namespace temper
