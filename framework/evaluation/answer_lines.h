// Reading lines of predictions and references, before it is known which task they are.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace temper::evaluation {

enum class AnswerShape { kText, kNumber, kList };
const char* to_string(AnswerShape shape);  // "a string", "a number", "a list"

struct Answer {
  AnswerShape shape = AnswerShape::kText;
  std::string text;                // of a string; of a number as a label would be written: 1 for 1 and 1.0
  double number = 0;
  std::vector<std::string> list;
};

struct AnswerLine {
  std::string id;  // as given, else the line's number
  std::optional<Answer> prediction;
  std::vector<Answer> references;  // empty for a line that has a likelihood, or a question without an answer
  bool no_answer = false;          // "references": []
  std::vector<std::pair<std::string, double>> probabilities;  // by label, in the order of the line
  double nll = 0;                  // nats
  std::int64_t nll_tokens = 0;     // 0: no likelihood
};

struct AnswerLines {
  std::vector<AnswerLine> lines;
  std::optional<AnswerShape> shape;  // of all predictions and references; absent when there are only likelihoods
  bool has_probabilities = false;
  bool has_likelihoods = false;
  int no_answer_line = 0;            // the first line whose "references" are an empty list, which only question answering knows; 0: none
};

// Throws one Error that names every bad line, the first twenty with what is wrong.
AnswerLines read_answer_lines(std::istream& input, const std::string& file);

}  // namespace temper::evaluation
