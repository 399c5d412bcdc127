// Exact match and F1 of answers, as SQuAD's script has them.
// Both texts are lower-cased, rid of ASCII punctuation, of the words a, an, the, and of superfluous blanks. Exact match: equal.
// F1: 2 P R / (P + R) of their words as multisets; where one has no words, whether both have none. The best over the references
// counts; those that are empty so treated count only where all are (a question without an answer).
// Definition: Rajpurkar, Zhang, Lopyrev, Liang (2016), section 6.1; Rajpurkar, Jia, Liang (2018) for questions without answer.
#include <algorithm>
#include <map>

#include <temper/metric.h>
#include <temper/texts.h>

namespace {

bool is_ascii_punctuation(char c) { return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~'); }

// An article stands alone between characters that are no letter, digit or underscore, so "the-\u00E9" loses it before an accent too.
std::string without_articles(const std::string& text) {
  const std::u32string characters = temper::to_characters(text);
  const auto is_word = [&](std::size_t i) { return i < characters.size() && (temper::is_letter(characters[i]) || temper::is_number(characters[i]) || characters[i] == '_'); };
  std::u32string kept;
  for (std::size_t begin = 0; begin < characters.size();) {
    std::size_t end = begin;
    while (is_word(end)) ++end;
    const std::u32string word = characters.substr(begin, end - begin);
    if (word == U"a" || word == U"an" || word == U"the") kept += U' ';
    else kept += word;
    if (end < characters.size()) kept += characters[end++];
    begin = end;
  }
  return temper::to_bytes(kept);
}

// The words of a text after SQuAD's normalisation; equal words, equal texts.
std::vector<std::string> normalised_words(const std::string& text) {
  std::string lowered = temper::lower_case(text);
  std::erase_if(lowered, is_ascii_punctuation);
  const std::string kept = without_articles(lowered);
  const auto words = temper::split_at_blanks(kept);
  return {words.begin(), words.end()};
}

double f1(const std::vector<std::string>& answer, const std::vector<std::string>& reference) {
  if (answer.empty() || reference.empty()) return answer.empty() == reference.empty();
  std::map<std::string, int> left;
  for (const std::string& word : reference) ++left[word];
  double same = 0;
  for (const std::string& word : answer) {
    const auto found = left.find(word);
    if (found != left.end() && found->second-- > 0) same += 1;
  }
  if (same == 0) return 0;
  const double precision = same / static_cast<double>(answer.size()), recall = same / static_cast<double>(reference.size());
  return 2 * precision * recall / (precision + recall);
}

class Squad final : public temper::Metric {
 public:
  explicit Squad(temper::NoOptions) {}

  bool applies_to(temper::Task task) const override { return task == temper::Task::kQuestionAnswering || task == temper::Task::kGeneration; }
  std::vector<temper::MetricValue> values(const temper::TaskInfo&) const override {
    return {{.name = "exact_match", .per_item = true, .is_default = true}, {.name = "squad_f1", .per_item = true, .is_default = true}};
  }
  std::size_t statistics_size(const temper::TaskInfo&) const override { return 3; }  // matches, F1, items

  void statistics(const temper::TaskInfo&, const temper::Prediction& prediction, const temper::Targets& targets, std::span<double> out) const override {
    if (targets.empty()) return;
    out[2] = 1;
    const auto text = temper::answer_text(prediction.value);
    if (!text) return;
    const std::vector<std::string> answer = normalised_words(*text);
    std::vector<std::vector<std::string>> references;
    for (const temper::Target& target : targets) {
      if (const auto reference = temper::answer_text(target)) references.push_back(normalised_words(*reference));
    }
    const bool has_answer = std::any_of(references.begin(), references.end(), [](const auto& reference) { return !reference.empty(); });
    for (const auto& reference : references) {
      if (has_answer && reference.empty()) continue;
      out[0] = std::max<double>(out[0], answer == reference);
      out[1] = std::max(out[1], f1(answer, reference));
    }
  }

  std::vector<double> evaluate(const temper::TaskInfo&, std::span<const double> sum) const override { return {sum[0] / sum[2], sum[1] / sum[2]}; }
};

}  // namespace

TEMPER_CLAIMS("exact_match squad_f1 usual:question_answering usual:generation")
TEMPER_PLUGIN(Metric, Squad, temper::NoOptions, "squad", "Exact match and F1 of answers after SQuAD's normalisation.")
