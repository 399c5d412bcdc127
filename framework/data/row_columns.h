// Which columns of a file are what, by task and form.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <temper/row_file.h>
#include <temper/task.h>

namespace temper::data {

enum class Form { kText, kPair, kTokens, kSpans, kAnswers, kPrompt, kMessages, kAlpaca };

struct RowColumns {
  Form form = Form::kText;
  std::string text, text_pair, label, tokens, tags, spans, question, context, answers, answer_start, messages;
  std::optional<std::string> id;
  std::string note;  // what was guessed; empty where the options said all

  // The columns that hold a row's target, and those that hold its input, each with the option that names it.
  using Named = std::vector<std::pair<std::string, std::string>>;
  Named targets() const, inputs() const;
};

// `names` are the columns of the file, or the members of its first row. Throws Error when the form that the options name is none of the
// task's.
RowColumns choose_columns(const RowOptions& options, Task task, const std::vector<std::string>& names);

}  // namespace temper::data
