// ROUGE: F-measures of the n-grams and of the longest common subsequence that an answer shares with a reference.
// F = 2 P R / (P + R) of n-grams (rouge1, rouge2) or of the subsequence's words (rougeL; rougeLsum: the union of the subsequences
// of a reference's sentence with all of the answer's, sentences being lines). The mean over items; of several references the best.
// Definition: Lin, "ROUGE: a package for automatic evaluation of summaries" (2004), sections 2 and 3; computed as rouge_score does.
#include <algorithm>
#include <array>
#include <unordered_map>

#include <temper/metric.h>
#include <temper/ngrams.h>
#include <temper/texts.h>

#include "lcs.h"
#include "porter_stemmer.h"

namespace {

struct Options {
  bool use_stemmer = false;

  void visit(temper::OptionVisitor& v) { v.option("use_stemmer", use_stemmer, "Compare the stems (Porter's, as NLTK has them) of words of more than three letters."); }
};

using Text = std::u32string;  // a number for each word

double f_measure(double shared, std::size_t answer, std::size_t reference) {
  const double precision = shared / static_cast<double>(std::max<std::size_t>(answer, 1)), recall = shared / static_cast<double>(std::max<std::size_t>(reference, 1));
  return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
}

double rouge_n(const Text& answer, const Text& reference, std::size_t n) {
  const auto shared = temper::matching_ngrams(temper::count_ngrams(answer, n), temper::count_ngrams(reference, n));
  return f_measure(static_cast<double>(shared), static_cast<std::size_t>(temper::number_of_ngrams(answer, n)), static_cast<std::size_t>(temper::number_of_ngrams(reference, n)));
}

double rouge_l(const Text& answer, const Text& reference) {
  return f_measure(static_cast<double>(rouge::CommonSubsequence(reference, answer, false).length()), answer.size(), reference.size());
}

std::size_t size_of(const std::vector<Text>& sentences) {
  std::size_t size = 0;
  for (const Text& sentence : sentences) size += sentence.size();
  return size;
}

// A word counts no more often than it stands in either text.
double rouge_l_of_sentences(const std::vector<Text>& answer, const std::vector<Text>& reference) {
  if (answer.size() == 1 && reference.size() == 1) return rouge_l(answer[0], reference[0]);  // the same, and texts may be of any length
  std::unordered_map<char32_t, int> left_in_answer, left_in_reference;
  for (const Text& sentence : answer) for (const char32_t word : sentence) ++left_in_answer[word];
  for (const Text& sentence : reference) for (const char32_t word : sentence) ++left_in_reference[word];
  double shared = 0;
  for (const Text& sentence : reference) {
    std::vector<bool> is_shared(sentence.size(), false);
    for (const Text& other : answer) {
      for (const std::size_t place : rouge::CommonSubsequence(sentence, other, true).places()) is_shared[place] = true;
    }
    for (std::size_t i = 0; i < sentence.size(); ++i) {
      int& here = left_in_answer[sentence[i]];
      if (!is_shared[i] || here == 0 || left_in_reference[sentence[i]]-- <= 0) continue;
      --here;
      shared += 1;
    }
  }
  return f_measure(shared, size_of(answer), size_of(reference));
}

class Rouge final : public temper::Metric {
 public:
  explicit Rouge(const Options& options) : use_stemmer_(options.use_stemmer) {}

  bool applies_to(temper::Task task) const override { return task == temper::Task::kGeneration; }
  std::vector<temper::MetricValue> values(const temper::TaskInfo&) const override {
    std::vector<temper::MetricValue> result;
    for (const char* name : {"rouge1", "rouge2", "rougeL", "rougeLsum"}) result.push_back({.name = name, .per_item = true, .is_default = true});
    return result;
  }
  std::size_t statistics_size(const temper::TaskInfo&) const override { return 5; }  // the four F-measures, items

  void statistics(const temper::TaskInfo&, const temper::Prediction& prediction, const temper::Targets& targets, std::span<double> out) const override {
    if (targets.empty()) return;
    out[4] = 1;
    temper::WordNumbers numbers;
    const std::string answer = temper::answer_text(prediction.value).value_or("");
    const Text answer_words = words(answer, numbers);
    const std::vector<Text> answer_sentences = sentences(answer, numbers);
    for (const temper::Target& target : targets) {
      const std::string reference = temper::answer_text(target).value_or("");
      const Text reference_words = words(reference, numbers);
      const std::array<double, 4> measures = {rouge_n(answer_words, reference_words, 1), rouge_n(answer_words, reference_words, 2), rouge_l(answer_words, reference_words),
                                              rouge_l_of_sentences(answer_sentences, sentences(reference, numbers))};
      for (std::size_t i = 0; i < measures.size(); ++i) out[i] = std::max(out[i], measures[i]);
    }
  }

  std::vector<double> evaluate(const temper::TaskInfo&, std::span<const double> sum) const override {
    return {sum[0] / sum[4], sum[1] / sum[4], sum[2] / sum[4], sum[3] / sum[4]};
  }

 private:
  // Runs of a-z and 0-9 of the lower-cased text: other letters separate words.
  Text words(std::string_view text, temper::WordNumbers& numbers) const {
    Text result;
    std::string word;
    const auto end_word = [&] {
      if (!word.empty()) result += numbers.number(use_stemmer_ && word.size() > 3 ? rouge::stem(word) : word);
      word.clear();
    };
    for (const char c : temper::lower_case(text)) {
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) word += c;
      else end_word();
    }
    end_word();
    return result;
  }

  std::vector<Text> sentences(std::string_view text, temper::WordNumbers& numbers) const {
    std::vector<Text> result;
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      Text sentence = words(text.substr(begin, end - begin), numbers);
      if (!sentence.empty()) result.push_back(std::move(sentence));
      begin = end + 1;
    }
    return result;
  }

  bool use_stemmer_;
};

}  // namespace

TEMPER_CLAIMS("rouge1 rouge2 rougeL rougeLsum usual:generation")
TEMPER_PLUGIN(Metric, Rouge, Options, "rouge", "ROUGE-1, -2, -L and -Lsum: F-measures of shared n-grams and subsequences.")
