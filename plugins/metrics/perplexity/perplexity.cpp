// Perplexity: how many equally likely tokens the model hesitates between, on average; and the same per word, per byte, in bits.
// PPL = exp(-(1 / N) sum log p(token)), N target tokens. Definition: Jelinek, Mercer, Bahl, Baker, "Perplexity - a measure of the
// difficulty of speech recognition tasks" (1977). Models that cut text into other tokens compare by words or bytes of the text,
// N being those (Gao et al., lm-evaluation-harness: word_perplexity, byte_perplexity, bits_per_byte).
#include <cmath>
#include <limits>

#include <temper/metric.h>
#include <temper/texts.h>

namespace {

class Perplexity final : public temper::Metric {
 public:
  explicit Perplexity(temper::NoOptions) {}

  bool applies_to(temper::Task task) const override { return task == temper::Task::kLanguageModeling || task == temper::Task::kGeneration; }
  std::vector<temper::MetricValue> values(const temper::TaskInfo&) const override {
    std::vector<temper::MetricValue> result;
    for (const char* name : {"perplexity", "word_perplexity", "byte_perplexity"}) {
      result.push_back({.name = name, .better = temper::Better::kLower, .lowest = 1, .highest = std::numeric_limits<double>::infinity(), .per_item = result.empty(), .is_default = result.empty()});
    }
    result.push_back({.name = "bits_per_byte", .better = temper::Better::kLower, .highest = std::numeric_limits<double>::infinity()});
    return result;
  }
  // Nats and tokens of all items; nats, words and bytes of those whose text is known.
  std::size_t statistics_size(const temper::TaskInfo&) const override { return 5; }

  void statistics(const temper::TaskInfo& task, const temper::Prediction& prediction, const temper::Targets& targets, std::span<double> out) const override {
    if (prediction.nll_tokens <= 0) return;
    out[0] = prediction.nll;
    out[1] = static_cast<double>(prediction.nll_tokens);
    const auto text = scored_text(task, prediction, targets);
    if (!text) return;
    out[2] = prediction.nll;
    out[3] = static_cast<double>(temper::split_at_blanks(*text).size());
    out[4] = static_cast<double>(text->size());
  }

  std::vector<double> evaluate(const temper::TaskInfo&, std::span<const double> sum) const override {
    return {std::exp(sum[0] / sum[1]), std::exp(sum[2] / sum[3]), std::exp(sum[2] / sum[4]), sum[2] / sum[4] / std::log(2.0)};
  }

 private:
  // The reference; language modelling has none but the item itself, which its prediction repeats.
  static std::optional<std::string> scored_text(const temper::TaskInfo& task, const temper::Prediction& prediction, const temper::Targets& targets) {
    if (!targets.empty()) return temper::answer_text(targets.front());
    const auto* text = task.task == temper::Task::kLanguageModeling ? std::get_if<temper::Text>(&prediction.value) : nullptr;
    return text && !text->text.empty() ? std::optional(text->text) : std::nullopt;
  }
};

}  // namespace

TEMPER_CLAIMS("perplexity word_perplexity byte_perplexity bits_per_byte usual:language_modeling")
TEMPER_PLUGIN(Metric, Perplexity, temper::NoOptions, "perplexity", "exp of the mean negative log-likelihood per target token, word or byte.")
