// BLEU of a corpus, as sacreBLEU computes it.
// BLEU = 100 min(1, exp(1 - r / c)) (prod_n p_n)^(1/4), n = 1 to 4; p_n is the share of the answers' n-grams that a reference has,
// each counted no more often than in the reference that has it most; c is the answers' length and r the closest reference's.
// Definition: Papineni, Roukos, Ward, Zhu, "BLEU: a method for automatic evaluation of machine translation" (2002); Post, "A call
// for clarity in reporting BLEU scores" (2018). Orders without a match are smoothed: Chen, Cherry (2014), method 3.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <temper/metric.h>
#include <temper/ngrams.h>
#include <temper/texts.h>

#include "tokenizers.h"

namespace bleu {

enum class Smoothing { kExp, kFloor, kAddK, kNone };

}  // namespace bleu

template <>
struct temper::EnumNames<bleu::Smoothing> {
  static constexpr const char* names[] = {"exp", "floor", "add-k", "none"};
};

namespace {

using bleu::Smoothing;

constexpr std::size_t kOrders = 4;

struct Options {
  bleu::Tokenizer tokenize = bleu::Tokenizer::k13a;
  Smoothing smooth_method = Smoothing::kExp;
  bool lowercase = false;

  void visit(temper::OptionVisitor& v) {
    v.option("tokenize", tokenize, "How lines are cut into words: sacreBLEU's tokenizers of these names.");
    v.option("smooth_method", smooth_method, "What orders without a match count: exp halves with each of them, floor takes 0.1 and add-k 1 matches.");
    v.option("lowercase", lowercase, "Compare without regard to case.");
  }
};

class Bleu final : public temper::Metric {
 public:
  explicit Bleu(const Options& options) : options_(options) {}

  bool applies_to(temper::Task task) const override { return task == temper::Task::kGeneration; }
  std::vector<temper::MetricValue> values(const temper::TaskInfo&) const override { return {{.name = "bleu", .highest = 100, .is_default = true}}; }
  std::size_t statistics_size(const temper::TaskInfo&) const override { return 3 + 2 * kOrders; }  // items, lengths, matches, n-grams

  void statistics(const temper::TaskInfo&, const temper::Prediction& prediction, const temper::Targets& targets, std::span<double> out) const override {
    if (targets.empty()) return;
    temper::WordNumbers numbers;
    const std::u32string answer = words(temper::answer_text(prediction.value), numbers);
    std::vector<std::u32string> references;
    for (const temper::Target& target : targets) references.push_back(words(temper::answer_text(target), numbers));
    out[0] = 1;
    out[1] = static_cast<double>(answer.size());
    out[2] = closest_length(answer.size(), references);
    for (std::size_t n = 1; n <= kOrders; ++n) {
      temper::NgramCounts most;
      for (const std::u32string& reference : references) {
        for (const auto& [ngram, count] : temper::count_ngrams(reference, n)) most[ngram] = std::max(most[ngram], count);
      }
      out[2 + n] = static_cast<double>(temper::matching_ngrams(temper::count_ngrams(answer, n), most));
      out[2 + kOrders + n] = static_cast<double>(temper::number_of_ngrams(answer, n));
    }
  }

  std::vector<double> evaluate(const temper::TaskInfo&, std::span<const double> sum) const override {
    if (sum[0] == 0) return {std::numeric_limits<double>::quiet_NaN()};
    return {score(sum[1], sum[2], sum.subspan(3, kOrders), sum.subspan(3 + kOrders, kOrders))};
  }

  std::string signature(const temper::TaskInfo&, const std::string&, std::span<const temper::Targets> targets) const override {
    static constexpr std::array<const char*, 4> kSmoothing = {"exp", "floor[0.10]", "add-k[1.00]", "none"};
    return temper::number_of_references(targets) + "|case:" + (options_.lowercase ? "lc" : "mixed") + "|eff:no|tok:" + temper::EnumNames<bleu::Tokenizer>::names[static_cast<std::size_t>(options_.tokenize)] +
           "|smooth:" + kSmoothing[static_cast<std::size_t>(options_.smooth_method)] + "|version:2.6.0";
  }

 private:
  std::u32string words(const std::optional<std::string>& text, temper::WordNumbers& numbers) const {
    if (!text) return {};
    std::string line = options_.lowercase ? temper::lower_case(*text) : *text;
    const auto parts = temper::split_at_blanks(line);  // blanks at the end are cut off: tokenizers see the last word as the last
    line.resize(parts.empty() ? 0 : static_cast<std::size_t>(parts.back().data() + parts.back().size() - line.data()));
    line = bleu::tokenize(line, options_.tokenize);
    return numbers.sequence(temper::split_at_blanks(line));
  }

  // Of two lengths equally close the shorter.
  static double closest_length(std::size_t length, const std::vector<std::u32string>& references) {
    const auto key = [&](const std::u32string& reference) {
      const std::size_t size = reference.size();
      return std::pair(size > length ? size - length : length - size, size);
    };
    return static_cast<double>(std::ranges::min(references, {}, key).size());
  }

  double score(double length, double reference_length, std::span<const double> matches, std::span<const double> ngrams) const {
    if (std::ranges::all_of(matches, [](double count) { return count == 0; })) return 0;
    double logarithms = 0, halves = 1;
    for (std::size_t n = 0; n < kOrders; ++n) {
      const double added = options_.smooth_method == Smoothing::kAddK && n > 0 ? 1 : 0;
      const double right = matches[n] + added, all = ngrams[n] + added;
      if (all == 0) return 0;
      double precision = right / all;
      if (right == 0 && options_.smooth_method == Smoothing::kExp) precision = 1 / ((halves *= 2) * all);
      if (right == 0 && options_.smooth_method == Smoothing::kFloor) precision = 0.1 / all;
      if (precision == 0) return 0;
      logarithms += std::log(precision);
    }
    const double brevity = length < reference_length ? std::exp(1 - reference_length / length) : 1;
    return 100 * brevity * std::exp(logarithms / kOrders);
  }

  Options options_;
};

}  // namespace

TEMPER_CLAIMS("bleu")
TEMPER_PLUGIN(Metric, Bleu, Options, "bleu", "BLEU of a corpus as sacreBLEU computes it, with its signature.")
