// Scores each column as a text and as a label, by what its values look like and what its name says.
#include "study/guess_columns.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <temper/error.h>
#include <temper/item.h>

namespace temper::study {

namespace {

using Names = std::vector<std::string>;

const Names kTextNames = {"text",     "texts",    "sentence", "review",   "tweet",   "content", "body",     "message", "comment",    "document", "utterance", "sms",     "post",     "question", "query",  "title",
                          "headline", "abstract", "context",  "passage",  "premise", "article", "paragraph", "story",   "hypothesis", "feedback", "description", "summary", "transcript", "prompt", "input", "email"};
const Names kLabelNames = {"label", "labels", "class", "category", "target", "sentiment", "emotion", "mood", "intent", "topic", "polarity", "rating", "stars", "stance", "y", "tag", "genre", "spam", "gold", "toxic", "priority", "department", "answer", "output"};
const Names kIdNames = {"id", "ids", "idx", "index", "uuid", "guid", "key"};

// What goes together, the first of each in front: a question with its context.
const std::vector<std::pair<Names, Names>> kPairs = {
    {{"question", "query"}, {"context", "passage", "paragraph", "document", "answer", "sentence", "text"}},
    {{"premise", "sentence1", "sentence_1", "text1", "text_1", "text_a", "question1"}, {"hypothesis", "sentence2", "sentence_2", "text2", "text_2", "text_b", "question2"}},
    {{"title", "headline", "subject"}, {"text", "body", "content", "description", "abstract", "message", "review", "summary", "short_description", "article", "story"}}};

// Columns that other tasks have.
const std::vector<std::pair<Names, const char*>> kOtherTasks = {{{"tokens", "tags"}, "token_classification"}, {{"tokens", "ner_tags"}, "token_classification"}, {{"text", "entities"}, "token_classification"}, {{"text", "spans"}, "token_classification"},
                                                                {{"question", "context", "answers"}, "question_answering"}, {{"question", "context", "answer"}, "question_answering"},
                                                                {{"messages"}, "generation"}, {{"conversations"}, "generation"}, {{"instruction", "output"}, "generation"}, {{"prompt", "completion"}, "generation"}, {{"question", "answer"}, "generation"}};

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

// "reviewText" and "review_text" are review and text.
Names pieces_of(const std::string& name) {
  Names pieces(1);
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto is = [&](std::size_t at, char from, char to) { return at < name.size() && name[at] >= from && name[at] <= to; };
    const bool is_letter = is(i, 'a', 'z') || is(i, 'A', 'Z') || static_cast<unsigned char>(name[i]) >= 0x80;
    if (!is_letter || (is(i, 'A', 'Z') && i > 0 && is(i - 1, 'a', 'z'))) pieces.emplace_back();
    if (is_letter) pieces.back() += lower(name.substr(i, 1));
  }
  std::erase(pieces, "");
  return pieces;
}

bool has(const Names& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

// 2: the name is one of these; 1: a word of it is.
int says(const std::string& name, const Names& names) {
  if (has(names, lower(name))) return 2;
  const Names pieces = pieces_of(name);
  return std::any_of(pieces.begin(), pieces.end(), [&](const std::string& piece) { return has(names, piece); }) ? 1 : 0;
}

struct Candidate {
  std::string name;
  ColumnFacts facts;
  const std::vector<std::string>* values = nullptr;
  double text_score = -1, label_score = -1;  // negative: it cannot be
  std::string why_not = {};
};

double share(std::int64_t part, std::int64_t whole) { return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole); }

std::string number(double value) {
  const double rounded = std::round(value * 10) / 10;
  return to_toml(Value(rounded == std::floor(rounded) ? Value(static_cast<std::int64_t>(rounded)) : Value(rounded)));
}

Candidate judged(const DataColumn& column) {
  Candidate candidate{column.name, facts_of(column), &column.values};
  const ColumnFacts& facts = candidate.facts;
  const double different = share(facts.different, facts.filled);
  const int id_name = says(column.name, kIdNames), text_name = says(column.name, kTextNames), label_name = says(column.name, kLabelNames);
  const bool is_long = facts.mean_words >= 2 || facts.mean_bytes >= 20;
  const bool is_id = facts.different > 1 && different > 0.98 && facts.mean_words < 1.5 && (id_name > 0 || (text_name < 2 && facts.filled >= 10 && (!is_long || facts.mean_bytes < 64)));
  if (column.is_nested) candidate.why_not = "lists or objects";
  else if (facts.filled == 0) candidate.why_not = "empty";
  else if (facts.different == 1) candidate.why_not = "the same in every row";
  else if (is_id) candidate.why_not = "another short value in each row, as names of rows are";
  else if (facts.number_share > 0.9 && facts.different > std::max<std::int64_t>(20, facts.filled / 20)) candidate.why_not = "numbers or dates";
  if (!candidate.why_not.empty()) return candidate;

  if (facts.number_share < 0.5 && (is_long || text_name == 2)) candidate.text_score = std::log2(1 + facts.mean_bytes) + (text_name == 2 ? 3 : 1.5 * text_name) + 2 * different - 2 * label_name;
  // So many values that few rows share one are no classes.
  const bool is_shared = facts.different * (label_name > 0 ? 2 : 4) <= facts.filled;
  if (is_shared && facts.mean_bytes <= 60 && facts.empty <= facts.filled && (id_name == 0 || label_name == 2))
    candidate.label_score = 1 + (label_name == 2 ? 4 : 2 * label_name) - text_name + (facts.different <= 20 ? 2 : facts.different <= 100 ? 1 : 0) + (facts.number_share < 0.5 ? 0.5 : 0);
  if (candidate.text_score < 0 && candidate.label_score < 0) candidate.why_not = facts.number_share > 0.9 ? "numbers or dates" : different > 0.5 ? "short, and different in most rows" : "neither long enough for a text nor shared by enough rows for a label";
  return candidate;
}

std::string looks_like(const Candidate& candidate) {
  if (!candidate.why_not.empty()) return candidate.why_not;
  return std::to_string(candidate.facts.different) + " different values in " + std::to_string(candidate.facts.filled) + " rows";
}

class Guesser {
 public:
  explicit Guesser(const DataLook& look) : look_(look) {
    for (const DataColumn& column : look.columns) candidates_.push_back(judged(column));
  }

  ColumnGuess guess(const std::optional<std::string>& text, const std::optional<std::string>& label) {
    const Candidate& chosen_label = label ? named(*label, "label") : best_label(text);
    check_label(chosen_label);
    guess_.label = chosen_label.name;
    guess_.label_reason = label ? "as you said" : reason_of_label(chosen_label);
    const Candidate& chosen_text = text ? named(*text, "text") : best_text();
    if (chosen_text.name == chosen_label.name) refuse("text and label are the same column, \"" + chosen_text.name + '"', "");
    guess_.text = chosen_text.name;
    guess_.text_reason = text ? "as you said" : reason_of_text(chosen_text);
    if (!text) find_pair(chosen_text);
    list_others();
    return std::move(guess_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what, const std::string& remedy) const { throw Error({{{look_.file.string()}, what, remedy}}); }

  std::string all_columns() const {
    std::string text;
    for (const Candidate& candidate : candidates_) text += (text.empty() ? "" : "; ") + ('"' + candidate.name + "\" (") + looks_like(candidate) + ')';
    return text;
  }

  const Candidate& named(const std::string& name, const std::string& role) const {
    Names names;
    for (const Candidate& candidate : candidates_) {
      if (candidate.name == name) return candidate;
      names.push_back(candidate.name);
    }
    std::string list = did_you_mean(name, names);
    for (std::size_t i = 0; i < names.size(); ++i) list += (i ? ", " : list.empty() ? "the columns are " : " the columns are ") + ('"' + names[i] + '"');
    refuse("there is no column \"" + name + "\" for the " + role, list);
  }

  const Candidate& best_label(const std::optional<std::string>& text) const {
    const Candidate* best = nullptr;
    for (const Candidate& candidate : candidates_) {
      if (candidate.label_score < 0 || candidate.name == text) continue;
      if (!best || candidate.label_score >= best->label_score) best = &candidate;  // among equals the last: labels stand behind their texts
    }
    if (best) return *best;
    refuse("no column looks like a label, a short value that many rows share: " + all_columns(), "name it: --label COLUMN; " + other_task());
  }

  std::string other_task() const {
    for (const auto& [names, task] : kOtherTasks) {
      const bool is_there = std::all_of(names.begin(), names.end(), [&](const std::string& name) { return std::any_of(candidates_.begin(), candidates_.end(), [&](const Candidate& c) { return c.name == name; }); });
      if (is_there) return std::string("or, for these are the columns of task = \"") + task + "\", write [dataset] with plugin and train: the columns are found by their names";
    }
    return "without labels there is nothing to classify";
  }

  const Candidate& best_text() const {
    const Candidate* best = nullptr;
    for (const Candidate& candidate : candidates_) {
      if (candidate.text_score < 0 || candidate.name == guess_.label) continue;
      if (!best || candidate.text_score > best->text_score) best = &candidate;
    }
    if (best) return *best;
    refuse("no column beside \"" + guess_.label + "\" looks like a text, several words that differ from row to row: " + all_columns(), "name it: --text COLUMN");
  }

  void check_label(const Candidate& label) const {
    const ColumnFacts& facts = label.facts;
    const std::string of = "the column \"" + label.name + "\" for the label ";
    if (facts.filled == 0) refuse(of + "is empty", "");
    if (facts.different == 1) refuse(of + "holds \"" + facts.commonest.front().first + "\" in every row, so there is nothing to learn", "name another: --label COLUMN");
    if (facts.are_numbers && !facts.are_integers && facts.different > std::max<std::int64_t>(20, facts.filled / 20))
      refuse(of + "holds " + std::to_string(facts.different) + " different numbers; that is a regression, and this makes experiments of classification only", "write ranges into a column of their own (low, middle, high), or name another: --label COLUMN");
    if (facts.different * 2 > facts.filled)
      refuse(of + "holds " + std::to_string(facts.different) + " different values in " + std::to_string(facts.filled) + " rows; a label must be shared by several rows", "name another: --label COLUMN");
  }

  static std::string by_name(int says) { return says > 0 ? ", and its name says so" : ""; }

  static std::string reason_of_label(const Candidate& label) {
    return std::to_string(label.facts.different) + " different short values" + by_name(says(label.name, kLabelNames));
  }

  static std::string reason_of_text(const Candidate& text) {
    return std::to_string(text.facts.different) + " different values in " + std::to_string(text.facts.filled) + " rows, " + number(text.facts.mean_words) + " words on average" + by_name(says(text.name, kTextNames));
  }

  // Whether most values of one stand inside the other's: a part of a text says nothing beside it.
  static bool is_part(const Candidate& part, const Candidate& whole) {
    std::int64_t inside = 0, filled = 0;
    for (std::size_t row = 0; row < part.values->size(); ++row) {
      if ((*part.values)[row].empty()) continue;
      ++filled;
      inside += (*whole.values)[row].find((*part.values)[row]) != std::string::npos;
    }
    return inside * 2 > filled;
  }

  void find_pair(const Candidate& text) {
    for (const auto& [firsts, seconds] : kPairs) {
      for (const Candidate& first : candidates_) {
        for (const Candidate& second : candidates_) {
          if (&first == &second || (&first != &text && &second != &text) || !is_free_text(first) || !is_free_text(second)) continue;
          if (!has(firsts, lower(first.name)) || !has(seconds, lower(second.name)) || is_part(first, second) || is_part(second, first)) continue;
          guess_.inputs = {first.name, second.name};
          if (first.name == kTextField || second.name == kTextField) guess_.text = kTextField;  // else {text} would mean the other one
          return;
        }
      }
    }
  }

  bool is_free_text(const Candidate& candidate) const {
    return candidate.name != guess_.label && candidate.why_not.empty() && candidate.facts.number_share < 0.5 && candidate.name.find_first_of("{}") == std::string::npos;
  }

  void list_others() {
    for (const Candidate& candidate : candidates_) {
      if (candidate.name == guess_.text || candidate.name == guess_.label || has(guess_.inputs, candidate.name)) continue;
      const bool is_text = candidate.text_score >= 0, is_label = candidate.label_score >= 0;
      if (is_text) guess_.other_texts.push_back(candidate.name);
      if (is_label) guess_.other_labels.push_back(candidate.name);
      if (!is_text && !is_label) guess_.left_out.emplace_back(candidate.name, candidate.why_not);
    }
  }

  const DataLook& look_;
  std::vector<Candidate> candidates_;
  ColumnGuess guess_;
};

}  // namespace

ColumnGuess guess_columns(const DataLook& look, const std::optional<std::string>& text, const std::optional<std::string>& label) { return Guesser(look).guess(text, label); }

}  // namespace temper::study
