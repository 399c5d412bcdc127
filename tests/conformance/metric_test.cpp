// The conformance suite of metrics must find every fault, and only that: for each check a metric that breaks just this promise.
#include <temper/testing/metric.h>

#include <cmath>
#include <limits>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace temper::testing {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The share of right labels: keeps all promises. Each fault below overrides one member.
class Sound : public Metric {
 public:
  bool applies_to(Task task) const override { return task == Task::kClassification; }
  std::vector<MetricValue> values(const TaskInfo&) const override { return {{.name = "share", .per_item = true, .is_default = true}}; }
  std::size_t statistics_size(const TaskInfo&) const override { return 2; }
  void statistics(const TaskInfo&, const Prediction& prediction, const Targets& targets, std::span<double> out) const override {
    if (targets.empty()) return;
    out[0] = is_right(prediction, targets);
    out[1] = 1;
  }
  std::vector<double> evaluate(const TaskInfo&, std::span<const double> sum) const override { return {sum[0] / sum[1]}; }

 protected:
  static bool is_right(const Prediction& prediction, const Targets& targets) {
    const auto* answer = std::get_if<Label>(&prediction.value);
    for (const Target& target : targets) {
      if (answer && std::get<Label>(target).name == answer->name) return true;
    }
    return false;
  }
};

std::set<std::string> broken(const Metric& metric) {
  std::set<std::string> checks;
  for (const Failure& failure : metric_failures(metric)) checks.insert(failure.check);
  return checks;
}
using Only = std::set<std::string>;

TEST(MetricConformance, PassesASoundMetric) { EXPECT_EQ(describe(metric_failures(Sound())), ""); }

TEST(MetricConformance, FindsAMetricOfNoTask) {
  struct Faulty : Sound { bool applies_to(Task) const override { return false; } };
  EXPECT_EQ(broken(Faulty()), Only{"scores_a_task"});
}
TEST(MetricConformance, FindsANameGivenTwice) {
  struct Faulty : Sound {
    std::vector<MetricValue> values(const TaskInfo& task) const override { return {Sound::values(task)[0], Sound::values(task)[0]}; }
    std::vector<double> evaluate(const TaskInfo&, std::span<const double> sum) const override { return {sum[0] / sum[1], sum[0] / sum[1]}; }
  };
  EXPECT_EQ(broken(Faulty()), Only{"names_are_unique"});
}
TEST(MetricConformance, FindsALabelThatTakesTheNameOfAnAverage) {
  struct Faulty : Sound {
    std::vector<MetricValue> values(const TaskInfo& task) const override {
      std::vector<MetricValue> result = {{.name = "share_macro", .is_default = true}};
      for (const std::string& label : task.labels) result.push_back({.name = "share_" + label});
      return result;
    }
    std::vector<double> evaluate(const TaskInfo& task, std::span<const double> sum) const override { return std::vector<double>(1 + task.labels.size(), sum[0] / sum[1]); }
  };
  EXPECT_EQ(broken(Faulty()), Only{"names_are_unique"});
}
TEST(MetricConformance, FindsAMetricWithoutDefault) {
  struct Faulty : Sound { std::vector<MetricValue> values(const TaskInfo&) const override { return {{.name = "share"}}; } };
  EXPECT_EQ(broken(Faulty()), Only{"has_a_default"});
}
TEST(MetricConformance, FindsARangeTheWrongWayRound) {
  struct Faulty : Sound {
    std::vector<MetricValue> values(const TaskInfo&) const override { return {{.name = "share", .lowest = 1, .highest = 0, .is_default = true}}; }
  };
  EXPECT_EQ(broken(Faulty()), Only{"ranges_are_ordered"});
}
TEST(MetricConformance, FindsAWriteBeyondTheStatistics) {
  struct Faulty : Sound {
    void statistics(const TaskInfo& task, const Prediction& prediction, const Targets& targets, std::span<double> out) const override {
      Sound::statistics(task, prediction, targets, out);
      out.data()[2] = 1;
    }
  };
  EXPECT_EQ(broken(Faulty()), Only{"statistics_keep_their_size"});
}
TEST(MetricConformance, FindsANumberTooMany) {
  struct Faulty : Sound { std::vector<double> evaluate(const TaskInfo&, std::span<const double> sum) const override { return {sum[0] / sum[1], 0}; } };
  EXPECT_EQ(broken(Faulty()), Only{"evaluate_fits_values"});
}
TEST(MetricConformance, FindsStatisticsThatRememberEarlierItems) {
  struct Faulty : Sound {
    mutable int calls = 0;
    void statistics(const TaskInfo&, const Prediction& prediction, const Targets& targets, std::span<double> out) const override {
      if (targets.empty()) return;
      const double weight = 1 + calls++ % 5;
      out[0] = weight * is_right(prediction, targets);
      out[1] = weight;
    }
  };
  EXPECT_EQ(broken(Faulty()), Only{"depends_on_the_item_alone"});
}
TEST(MetricConformance, FindsAnEvaluateThatRemembersItsCalls) {
  struct Faulty : Sound {
    mutable int calls = 0;
    std::vector<double> evaluate(const TaskInfo&, std::span<const double> sum) const override { return {std::pow(sum[0] / sum[1], 1 + calls++ % 2)}; }
  };
  EXPECT_EQ(broken(Faulty()), Only{"depends_on_the_sum_alone"});
}
TEST(MetricConformance, FindsPerfectAnswersThatDoNotScoreBest) {
  struct Faulty : Sound { std::vector<double> evaluate(const TaskInfo&, std::span<const double> sum) const override { return {0.9 * sum[0] / sum[1]}; } };
  EXPECT_EQ(broken(Faulty()), Only{"perfect_scores_best"});
}
TEST(MetricConformance, FindsWrongAnswersThatScoreAsWell) {
  struct Faulty : Sound { std::vector<double> evaluate(const TaskInfo&, std::span<const double> sum) const override { return {sum[1] / sum[1]}; } };
  EXPECT_EQ(broken(Faulty()), Only{"wrong_scores_worse"});
}
TEST(MetricConformance, FindsAValueThatIsUndefinedForOrdinaryItems) {
  struct Faulty : Sound {
    std::vector<MetricValue> values(const TaskInfo&) const override { return {{.name = "share", .is_default = true}}; }
    std::vector<double> evaluate(const TaskInfo&, std::span<const double> sum) const override { return {sum[0] == 0 ? kNaN : sum[0] / sum[1]}; }
  };
  EXPECT_EQ(broken(Faulty()), Only{"is_defined"});
}
TEST(MetricConformance, FindsAValueOutOfRange) {
  struct Faulty : Sound {
    std::vector<MetricValue> values(const TaskInfo&) const override { return {{.name = "share", .is_default = true}}; }
    std::vector<double> evaluate(const TaskInfo&, std::span<const double> sum) const override { return {2 * sum[0] / sum[1] - 1}; }
  };
  EXPECT_EQ(broken(Faulty()), Only{"stays_in_range"});
}
TEST(MetricConformance, FindsAScoreOfSingleItemsThatIsNone) {
  struct Faulty : Sound { std::vector<double> evaluate(const TaskInfo&, std::span<const double> sum) const override { return {sum[1] < 2 ? kNaN : sum[0] / sum[1]}; } };
  EXPECT_EQ(broken(Faulty()), Only{"scores_single_items"});
}
TEST(MetricConformance, FindsAValueThatGrowsWithTheItems) {
  struct Faulty : Sound { std::vector<double> evaluate(const TaskInfo&, std::span<const double> sum) const override { return {std::pow(sum[0] / sum[1], 1 + 1 / sum[1])}; } };
  EXPECT_EQ(broken(Faulty()), Only{"doubling_changes_nothing"});
}
// The share again, but it sees the rows.
class SoundRows : public RankMetric {
 public:
  bool applies_to(Task task) const override { return task == Task::kClassification; }
  std::vector<MetricValue> values(const TaskInfo&) const override { return {{.name = "share", .is_default = true}}; }
  std::size_t statistics_size(const TaskInfo&) const override { return 2; }
  void statistics(const TaskInfo& task, const Prediction& prediction, const Targets& targets, std::span<double> out) const override {
    Sound().statistics(task, prediction, targets, out);
  }
  WeightedValues over(const TaskInfo& task, StatisticsRows rows) const override {
    return [values = share_.over(task, rows)](std::span<const double> weights) { return values(weights); };
  }

 private:
  Sound share_;
};
TEST(MetricConformance, PassesASoundRankMetric) { EXPECT_EQ(describe(metric_failures(SoundRows())), ""); }
TEST(MetricConformance, FindsARankMetricOfSingleItems) {
  struct Faulty : SoundRows { std::vector<MetricValue> values(const TaskInfo&) const override { return {{.name = "share", .per_item = true, .is_default = true}}; } };
  EXPECT_EQ(broken(Faulty()), Only{"scores_single_items"});
}
TEST(MetricConformance, FindsRowsThatCountByTheirPlace) {
  struct Faulty : SoundRows {
    WeightedValues over(const TaskInfo&, StatisticsRows rows) const override {
      return [rows](std::span<const double> weights) {
        double right = 0, all = 0;
        for (std::size_t row = 0; row < rows.count(); ++row) {
          const double weight = weights[row] * (1 + static_cast<double>(row));
          right += weight * rows[row][0], all += weight * rows[row][1];
        }
        return std::vector<double>{right / all};
      };
    }
  };
  EXPECT_EQ(broken(Faulty()), (Only{"order_changes_nothing", "weights_are_counts"}));
}
TEST(MetricConformance, FindsWeightsThatAreNotRead) {
  struct Faulty : SoundRows {
    WeightedValues over(const TaskInfo& task, StatisticsRows rows) const override {
      return [values = SoundRows::over(task, rows)](std::span<const double> weights) {
        std::vector<double> once(weights.begin(), weights.end());
        for (double& weight : once) weight = weight > 0;
        return values(once);
      };
    }
  };
  EXPECT_EQ(broken(Faulty()), Only{"weights_are_counts"});
}
TEST(MetricConformance, FindsAValueMadeOfNothing) {
  struct Faulty : Sound { std::vector<double> evaluate(const TaskInfo&, std::span<const double> sum) const override { return {sum[1] == 0 ? 0 : sum[0] / sum[1]}; } };
  EXPECT_EQ(broken(Faulty()), Only{"is_undefined_without_items"});
}
TEST(MetricConformance, FindsAnItemWithoutReferenceThatCounts) {
  struct Faulty : Sound {
    void statistics(const TaskInfo&, const Prediction& prediction, const Targets& targets, std::span<double> out) const override {
      out[0] = is_right(prediction, targets);
      out[1] = 1;
    }
  };
  EXPECT_EQ(broken(Faulty()), Only{"leaves_out_unscored_items"});
}
TEST(MetricConformance, FindsAMetricThatReadsOneReferenceOnly) {
  struct Faulty : Sound {
    void statistics(const TaskInfo& task, const Prediction& prediction, const Targets& targets, std::span<double> out) const override {
      Sound::statistics(task, prediction, targets.empty() ? targets : Targets{targets.front()}, out);
    }
  };
  EXPECT_EQ(broken(Faulty()), Only{"accepts_any_reference"});
}
TEST(MetricConformance, FindsAnAnswerOfAnotherKindThatThrows) {
  struct Faulty : Sound {
    void statistics(const TaskInfo& task, const Prediction& prediction, const Targets& targets, std::span<double> out) const override {
      if (!targets.empty() && std::get<Label>(prediction.value).name.empty()) return;
      Sound::statistics(task, prediction, targets, out);
    }
  };
  EXPECT_EQ(broken(Faulty()), Only{"takes_any_answer"});
}

}  // namespace
}  // namespace temper::testing
