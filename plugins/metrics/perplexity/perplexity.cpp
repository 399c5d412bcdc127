// Perplexity: how many equally likely tokens the model hesitates between, on average.
// PPL = exp(-(1 / N) sum log p(token)), N target tokens. Definition: Jelinek, Mercer, Bahl, Baker, "Perplexity - a measure of the
// difficulty of speech recognition tasks" (1977).
#include <cmath>
#include <limits>

#include <temper/metric.h>

namespace {

class Perplexity final : public temper::Metric {
 public:
  explicit Perplexity(temper::NoOptions) {}

  bool applies_to(temper::Task task) const override { return task == temper::Task::kLanguageModeling || task == temper::Task::kGeneration; }
  std::vector<temper::MetricValue> values(const temper::TaskInfo&) const override {
    return {{.name = "perplexity", .better = temper::Better::kLower, .lowest = 1, .highest = std::numeric_limits<double>::infinity(), .per_item = true, .is_default = true}};
  }
  std::size_t statistics_size(const temper::TaskInfo&) const override { return 2; }  // nats, tokens

  void statistics(const temper::TaskInfo&, const temper::Prediction& prediction, const temper::Targets&, std::span<double> out) const override {
    if (prediction.nll_tokens <= 0) return;
    out[0] = prediction.nll;
    out[1] = static_cast<double>(prediction.nll_tokens);
  }

  std::vector<double> evaluate(const temper::TaskInfo&, std::span<const double> sum) const override { return {std::exp(sum[0] / sum[1])}; }
};

}  // namespace

TEMPER_CLAIMS("perplexity usual:language_modeling")
TEMPER_PLUGIN(Metric, Perplexity, temper::NoOptions, "perplexity", "exp of the mean negative log-likelihood per target token.")
