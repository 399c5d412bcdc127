// chrF and chrF++: F-score of character n-grams, chrF++ with word n-grams beside them, as sacreBLEU computes them over a corpus.
// Counts of each order are summed over items; chrF_b = 100 (1 + b^2) P R / (b^2 P + R), P and R being means over the orders that
// both sides have. Of several references the one with the best score of its own counts. Definition: Popovic, "chrF: character n-gram
// F-score for automatic MT evaluation" (2015) and "chrF++: words helping character n-grams" (2017); Post (2018) for sacreBLEU.
#include <algorithm>
#include <limits>

#include <temper/metric.h>
#include <temper/ngrams.h>
#include <temper/texts.h>

namespace {

struct Options {
  int char_order = 6, word_order = 2, beta = 2;
  bool lowercase = false, whitespace = false;

  void visit(temper::OptionVisitor& v) {
    v.option("char_order", char_order, "Longest n-gram of characters.").at_least(1).at_most(100);
    v.option("word_order", word_order, "Longest n-gram of words that chrf++ adds.").at_least(1).at_most(100);
    v.option("beta", beta, "How many times more recall weighs than precision.").at_least(1).at_most(1000);
    v.option("lowercase", lowercase, "Compare without regard to case.");
    v.option("whitespace", whitespace, "Let blanks count as characters.");
  }
};

// A word with ASCII punctuation split off its end, else off its start.
void add_words(const std::u32string& word, std::vector<std::u32string>& words) {
  const auto is_punctuation = [](char32_t c) { return c > ' ' && c < 0x7F && !temper::is_letter(c) && !temper::is_number(c); };
  if (word.size() > 1 && is_punctuation(word.back())) words.insert(words.end(), {word.substr(0, word.size() - 1), word.substr(word.size() - 1)});
  else if (word.size() > 1 && is_punctuation(word.front())) words.insert(words.end(), {word.substr(0, 1), word.substr(1)});
  else words.push_back(word);
}

class Chrf final : public temper::Metric {
 public:
  explicit Chrf(const Options& options) : options_(options) {}

  bool applies_to(temper::Task task) const override { return task == temper::Task::kGeneration; }
  std::vector<temper::MetricValue> values(const temper::TaskInfo&) const override {
    return {{.name = "chrf", .highest = 100, .per_item = true, .is_default = true}, {.name = "chrf++", .highest = 100, .per_item = true}};
  }

  // Items; then answer's, reference's and shared n-grams of each order, for chrF and again for chrF++.
  std::size_t statistics_size(const temper::TaskInfo&) const override { return 1 + 3 * chars() + 3 * (chars() + words()); }

  void statistics(const temper::TaskInfo&, const temper::Prediction& prediction, const temper::Targets& targets, std::span<double> out) const override {
    if (targets.empty()) return;
    out[0] = 1;
    temper::WordNumbers numbers;
    const auto answer = sequences(temper::answer_text(prediction.value).value_or(""), numbers);
    double best = -1, best_with_words = -1;
    for (const temper::Target& target : targets) {
      const std::vector<double> counts = compare(answer, sequences(temper::answer_text(target).value_or(""), numbers));
      keep_best(std::span(counts).first(3 * chars()), out.subspan(1, 3 * chars()), best);
      keep_best(counts, out.subspan(1 + 3 * chars()), best_with_words);
    }
  }

  std::vector<double> evaluate(const temper::TaskInfo&, std::span<const double> sum) const override {
    if (sum[0] == 0) return std::vector<double>(2, std::numeric_limits<double>::quiet_NaN());
    return {score(sum.subspan(1, 3 * chars())), score(sum.subspan(1 + 3 * chars()))};
  }

  std::string signature(const temper::TaskInfo&, const std::string& value, std::span<const temper::Targets> targets) const override {
    return temper::number_of_references(targets) + "|case:" + (options_.lowercase ? "lc" : "mixed") + "|eff:yes|nc:" + std::to_string(chars()) + "|nw:" + (value == "chrf" ? "0" : std::to_string(words())) + "|space:" +
           (options_.whitespace ? "yes" : "no") + "|version:2.6.0";
  }

 private:
  struct Sequences {
    std::u32string characters, words;
  };

  std::size_t chars() const { return static_cast<std::size_t>(options_.char_order); }
  std::size_t words() const { return static_cast<std::size_t>(options_.word_order); }

  Sequences sequences(const std::string& given, temper::WordNumbers& numbers) const {
    const std::string text = options_.lowercase ? temper::lower_case(given) : given;
    Sequences result;
    std::vector<std::u32string> words;
    for (const std::string_view word : temper::split_at_blanks(text)) {
      const std::u32string characters = temper::to_characters(word);
      result.characters += characters;
      add_words(characters, words);
    }
    if (options_.whitespace) result.characters = temper::to_characters(text);
    for (const std::u32string& word : words) result.words += numbers.number(temper::to_bytes(word));
    return result;
  }

  std::vector<double> compare(const Sequences& answer, const Sequences& reference) const {
    std::vector<double> counts;
    const auto add = [&](std::u32string_view a, std::u32string_view b, std::size_t n) {
      const auto size_a = static_cast<double>(temper::number_of_ngrams(a, n)), size_b = static_cast<double>(temper::number_of_ngrams(b, n));
      // Where the reference has no n-gram of this order, the answer's are not counted against it.
      const double shared = size_a > 0 && size_b > 0 ? static_cast<double>(temper::matching_ngrams(temper::count_ngrams(a, n), temper::count_ngrams(b, n))) : 0;
      counts.insert(counts.end(), {size_b > 0 ? size_a : 0, size_b, shared});
    };
    for (std::size_t n = 1; n <= chars(); ++n) add(answer.characters, reference.characters, n);
    for (std::size_t n = 1; n <= words(); ++n) add(answer.words, reference.words, n);
    return counts;
  }

  void keep_best(std::span<const double> counts, std::span<double> out, double& best) const {
    const double now = score(counts);
    if (now <= best) return;
    best = now;
    std::copy(counts.begin(), counts.end(), out.begin());
  }

  double score(std::span<const double> counts) const {
    double precision = 0, recall = 0, orders = 0;
    for (std::size_t i = 0; i < counts.size(); i += 3) {
      if (counts[i] <= 0 || counts[i + 1] <= 0) continue;
      precision += counts[i + 2] / counts[i];
      recall += counts[i + 2] / counts[i + 1];
      orders += 1;
    }
    if (precision + recall == 0) return 0;
    const double factor = static_cast<double>(options_.beta) * options_.beta;
    return 100 * (1 + factor) * precision * recall / orders / (factor * precision + recall);
  }

  Options options_;
};

}  // namespace

TEMPER_CLAIMS("chrf chrf++")
TEMPER_PLUGIN(Metric, Chrf, Options, "chrf", "F-score of character n-grams, and chrF++ with word n-grams.")
