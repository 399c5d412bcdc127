// Ranking quality: per query, then means.
#include "retrieval/ranking_quality.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include <temper/error.h>

namespace temper::retrieval {

RankingQuality ranking_quality(std::span<const std::string> ranking, const Judgements& judgements, std::size_t k) {
  std::vector<int> gains;  // of all relevant passages
  for (const auto& [passage, relevance] : judgements) {
    if (relevance > 0) gains.push_back(relevance);
  }
  constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
  if (gains.empty()) return {kUndefined, kUndefined, kUndefined};
  std::ranges::sort(gains, std::greater<>());
  const auto discount = [](std::size_t rank) { return std::log2(static_cast<double>(rank) + 1); };
  double found = 0, gain = 0, best = 0, first = 0;
  for (std::size_t i = 0; i < std::min(k, ranking.size()); ++i) {
    const auto judged = judgements.find(ranking[i]);
    if (judged == judgements.end() || judged->second <= 0) continue;
    if (found == 0) first = 1.0 / static_cast<double>(i + 1);
    ++found;
    gain += judged->second / discount(i + 1);
  }
  for (std::size_t i = 0; i < std::min(k, gains.size()); ++i) best += gains[i] / discount(i + 1);
  return {found / static_cast<double>(gains.size()), first, gain / best};
}

std::vector<RankingValue> score_rankings(std::span<const Passage> queries, std::span<const Passage> corpus,
                                         const std::vector<std::vector<Hit>>& hits, const Qrels& qrels, std::size_t k) {
  std::vector<RankingQuality> qualities;
  for (std::size_t q = 0; q < queries.size(); ++q) {
    const auto judged = qrels.find(queries[q].id);
    if (judged == qrels.end()) continue;
    std::vector<std::string> ranking;
    for (const Hit& hit : hits[q]) ranking.push_back(corpus[static_cast<std::size_t>(hit.passage)].id);
    const RankingQuality quality = ranking_quality(ranking, judged->second, k);
    if (!std::isnan(quality.recall)) qualities.push_back(quality);
  }
  if (qualities.empty()) throw Error("the judgements name no relevant passage for any of the queries", "the first column holds the ids of the queries");
  const auto mean_of = [&](const char* name, double RankingQuality::*field) {
    const double n = static_cast<double>(qualities.size());
    double sum = 0, squares = 0;
    for (const RankingQuality& quality : qualities) sum += quality.*field;
    const double mean = sum / n;
    for (const RankingQuality& quality : qualities) squares += (quality.*field - mean) * (quality.*field - mean);
    const double error = n < 2 ? std::numeric_limits<double>::quiet_NaN() : std::sqrt(squares / (n - 1) / n);
    return RankingValue{std::string(name) + '@' + std::to_string(k), mean, error, qualities.size()};
  };
  return {mean_of("recall", &RankingQuality::recall), mean_of("mrr", &RankingQuality::mrr), mean_of("ndcg", &RankingQuality::ndcg)};
}

Value to_value(const std::vector<RankingValue>& values) {
  Value result{Value::Table()};
  for (const RankingValue& one : values) {
    Value::Table entry;
    entry.emplace_back("value", Value(one.value));
    entry.emplace_back("stderr", std::isnan(one.standard_error) ? Value() : Value(one.standard_error));
    entry.emplace_back("items", Value(static_cast<std::int64_t>(one.items)));
    entry.emplace_back("better", Value("higher"));
    result.set(one.name, Value(std::move(entry)));
  }
  return result;
}

}  // namespace temper::retrieval
