// Lines of predictions and references, checked one by one so that all bad ones are reported at once.
#include "evaluation/answer_lines.h"

#include <algorithm>
#include <cmath>
#include <istream>

#include <temper/error.h>
#include <temper/value.h>

namespace temper::evaluation {
namespace {

constexpr std::size_t kNamedProblems = 20;
// How far from 1 the probabilities of a line may sum: they are often written with three or four digits.
constexpr double kSumTolerance = 0.01;

std::string label_text(double number) {
  const bool is_whole = std::abs(number) < 1e15 && number == std::floor(number);
  return is_whole ? to_json(Value(static_cast<std::int64_t>(number))) : to_json(Value(number));
}

Answer read_answer(const Value& value, const std::string& key) {
  Answer answer;
  if (value.is_table() && value.find("text") && value.find("text")->is_string()) {  // a span, with or without its place
    answer.text = value.find("text")->as_string();
  } else if (value.is_string()) {
    answer.text = value.as_string();
  } else if (value.is_bool()) {
    answer.text = value.as_bool() ? "true" : "false";
  } else if (value.is_number()) {
    answer.shape = AnswerShape::kNumber;
    answer.number = value.as_number();
    answer.text = value.is_integer() ? to_json(value) : label_text(answer.number);
  } else if (value.is_array()) {
    answer.shape = AnswerShape::kList;
    for (const Value& element : value.as_array()) {
      if (element.is_array() || element.is_table() || element.is_null()) throw Error("\"" + key + "\" holds " + element.type_name() + " in its list, it must hold strings");
      answer.list.push_back(read_answer(element, key).text);
    }
  } else {
    throw Error("\"" + key + "\" is " + std::string(value.type_name()) + ", it must be a string, a number or a list of strings");
  }
  return answer;
}

void read_probabilities(const Value& value, AnswerLine& line) {  // whether they sum to 1 is checked when the references are known
  if (!value.is_table() || value.as_table().empty()) throw Error("\"probabilities\" is " + std::string(value.type_name()) + ", it must be an object of labels with their probabilities");
  for (const auto& [label, probability] : value.as_table()) {
    const double number = probability.is_number() ? probability.as_number() : std::nan("");
    if (!(number >= 0 && number <= 1 + kSumTolerance)) throw Error("the probability of \"" + label + "\" is " + to_json(probability) + ", it must be a number between 0 and 1");
    line.probabilities.emplace_back(label, number);
  }
}

// Of several labels at once each has a probability of its own.
void check_sum(const AnswerLine& line) {
  if (line.probabilities.empty() || std::ranges::any_of(line.references, [](const Answer& answer) { return answer.shape == AnswerShape::kList; })) return;
  double sum = 0;
  for (const auto& [label, probability] : line.probabilities) sum += probability;
  if (std::abs(sum - 1) > kSumTolerance) throw Error("the probabilities sum to " + to_json(Value(sum)) + ", they must sum to 1");
}

void read_prediction(const Value& object, AnswerLine& line) {
  const Value* prediction = object.find("prediction");
  const Value* probabilities = object.find("probabilities");
  if (prediction && prediction->is_table() && !prediction->find("text")) {
    if (!prediction->find("probabilities")) throw Error("\"prediction\" is an object without \"probabilities\"");
    if (probabilities) throw Error("\"probabilities\" stand in the prediction and beside it");
    probabilities = prediction->find("probabilities");
    prediction = prediction->find("label");
  }
  if (probabilities && !probabilities->is_null()) read_probabilities(*probabilities, line);
  if (prediction) {
    line.prediction = read_answer(*prediction, "prediction");
  } else if (!line.probabilities.empty()) {
    const auto likeliest = std::max_element(line.probabilities.begin(), line.probabilities.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    line.prediction = Answer{AnswerShape::kText, likeliest->first, 0, {}};
  }
}

void read_references(const Value& object, AnswerLine& line) {
  const Value* one = object.find("reference");
  const Value* many = object.find("references");
  if (one && many) throw Error("both \"reference\" and \"references\" are given");
  if (one) line.references.push_back(read_answer(*one, "reference"));
  if (!many) return;
  if (!many->is_array()) throw Error("\"references\" must be a list of references");
  line.no_answer = many->as_array().empty();
  for (const Value& reference : many->as_array()) line.references.push_back(read_answer(reference, "references"));
}

void read_likelihood(const Value& object, AnswerLine& line) {
  const Value* nll = object.find("nll");
  const Value* logprob = nll ? nullptr : object.find("logprob");
  const char* key = nll ? "nll_tokens" : "tokens";
  if (!nll && !logprob) return;
  const Value* tokens = object.find(key);
  if (!(nll ? nll : logprob)->is_number()) throw Error(std::string(nll ? "\"nll\"" : "\"logprob\"") + " must be a number, in nats");
  if (!tokens || !tokens->is_integer() || tokens->as_integer() < 0) throw Error(std::string("\"") + key + "\" must say of how many tokens the likelihood is");
  line.nll = nll ? nll->as_number() : -logprob->as_number();
  line.nll_tokens = tokens->as_integer();
}

AnswerLine read_line(const Value& object) {
  if (!object.is_table()) throw Error("the line is " + std::string(object.type_name()) + ", it must be an object like {\"prediction\": \"a\", \"reference\": \"b\"}");
  AnswerLine line;
  if (const Value* id = object.find("id")) line.id = id->is_string() ? id->as_string() : to_json(*id);
  read_prediction(object, line);
  read_references(object, line);
  check_sum(line);
  read_likelihood(object, line);
  if (line.nll_tokens > 0) return line;
  if (!line.prediction) throw Error("there is no \"prediction\"");
  if (line.references.empty() && !line.no_answer) throw Error("there is neither \"reference\" nor \"references\"");
  return line;
}

// Keeps what one message can hold, and the number of the rest.
class LineProblems {
 public:
  explicit LineProblems(const std::string& file) : file_(file) {}
  void add(int line, const Error& error) {
    if (++count_ > kNamedProblems) return;
    for (Problem problem : error.problems()) problems_.add({file_, line, problem.place.column}, problem.what, problem.remedy);
  }
  void throw_if_any() {
    if (count_ > kNamedProblems) problems_.add({file_}, "and " + std::to_string(count_ - kNamedProblems) + " more bad lines");
    problems_.throw_if_any();
  }

 private:
  std::string file_;
  Problems problems_;
  std::size_t count_ = 0;
};

}  // namespace

const char* to_string(AnswerShape shape) {
  return shape == AnswerShape::kText ? "a string" : shape == AnswerShape::kNumber ? "a number" : "a list";
}

AnswerLines read_answer_lines(std::istream& input, const std::string& file) {
  AnswerLines result;
  LineProblems problems(file);
  std::string text;
  int shape_line = 0;
  for (int number = 1; std::getline(input, text); ++number) {
    if (number == 1 && text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    try {
      AnswerLine line = read_line(parse_json(text, file));
      if (line.id.empty()) line.id = std::to_string(number);
      std::vector<Answer> answers = line.references;
      // A prediction taken from probabilities has the names of labels, which JSON spells as strings even for numbers.
      if (line.prediction && line.probabilities.empty()) answers.push_back(*line.prediction);
      for (const Answer& answer : answers) {
        if (!result.shape) shape_line = number, result.shape = answer.shape;
        if (answer.shape == *result.shape) continue;
        throw Error(std::string("the answer is ") + to_string(answer.shape) + ", where line " + std::to_string(shape_line) + " has " + to_string(*result.shape));
      }
      result.has_probabilities |= !line.probabilities.empty();
      result.has_likelihoods |= line.nll_tokens > 0;
      if (line.no_answer && result.no_answer_line == 0) result.no_answer_line = number;
      result.lines.push_back(std::move(line));
    } catch (const Error& error) {
      problems.add(number, error);
    }
  }
  problems.throw_if_any();
  if (result.lines.empty()) throw Error((file.empty() ? "the input" : file) + " has no lines to score");
  return result;
}

}  // namespace temper::evaluation
