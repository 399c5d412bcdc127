// Penalty, temperature and the cuts of the distribution.
#include "inference/sampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include <temper/error.h>

#include "data/shuffle.h"

namespace temper::inference {

namespace {

// Uniform in [0, 1), 53 bits.
double uniform(std::uint64_t stream, std::int64_t place) {
  return static_cast<double>(data::random_bits(stream, static_cast<std::uint64_t>(place)) >> 11) * 0x1p-53;
}

}  // namespace

Sampler::Sampler(const GenerationOptions& options, std::uint64_t seed, std::uint64_t item, std::int64_t vocabulary)
    : options_(options), stream_(data::random_bits(seed, item)) {
  if (options_.repetition_penalty != 1) seen_.resize(static_cast<std::size_t>(vocabulary));
}

void Sampler::read(std::span<const std::int32_t> tokens) {
  if (seen_.empty()) return;
  for (const std::int32_t token : tokens) seen_.at(static_cast<std::size_t>(token)) = 1;
}

std::int32_t Sampler::next(std::span<float> logits, std::int64_t place) {
  for (const float logit : logits) {
    if (std::isnan(logit)) throw Error("the model's logits are not numbers (NaN), no token can be chosen");
  }
  const float penalty = static_cast<float>(options_.repetition_penalty);
  for (std::size_t i = 0; i < seen_.size() && i < logits.size(); ++i) {
    if (seen_[i]) logits[i] = logits[i] > 0 ? logits[i] / penalty : logits[i] * penalty;
  }
  const std::int32_t chosen = options_.do_sample ? draw(logits, place) : static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
  if (!seen_.empty()) seen_.at(static_cast<std::size_t>(chosen)) = 1;
  return chosen;
}

std::int32_t Sampler::draw(std::span<const float> logits, std::int64_t place) {
  const double temperature = options_.temperature;
  const auto is_likelier = [&](std::int32_t a, std::int32_t b) { return logits[static_cast<std::size_t>(a)] != logits[static_cast<std::size_t>(b)] ? logits[static_cast<std::size_t>(a)] > logits[static_cast<std::size_t>(b)] : a < b; };
  order_.resize(logits.size());
  std::iota(order_.begin(), order_.end(), 0);
  std::size_t count = order_.size();
  if (options_.top_k > 0 && static_cast<std::size_t>(options_.top_k) < count) {
    count = static_cast<std::size_t>(options_.top_k);
    std::partial_sort(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(count), order_.end(), is_likelier);
  } else if (options_.top_p < 1) {
    std::sort(order_.begin(), order_.end(), is_likelier);
  }
  const auto begin = order_.begin(), end = order_.begin() + static_cast<std::ptrdiff_t>(count);
  const double largest = logits[static_cast<std::size_t>(*std::min_element(begin, end, is_likelier))];
  if (std::isinf(largest)) throw Error("the model's logits are infinite, no token can be drawn");
  std::vector<double> weights(count);
  for (std::size_t i = 0; i < count; ++i) weights[i] = std::exp((logits[static_cast<std::size_t>(order_[i])] - largest) / temperature);
  if (options_.top_p < 1) {  // sorted: keep the shortest beginning that has the wanted mass, one token at least
    const double wanted = options_.top_p * std::accumulate(weights.begin(), weights.end(), 0.0);
    double mass = 0;
    std::size_t kept = 0;
    while (kept < count && mass < wanted) mass += weights[kept++];
    weights.resize(std::max<std::size_t>(1, kept));
  }
  for (double& weight : weights) {
    if (weight < options_.min_p) weight = 0;  // the likeliest has weight 1
  }
  const double target = uniform(stream_, place) * std::accumulate(weights.begin(), weights.end(), 0.0);
  double mass = 0;
  std::size_t last = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) continue;
    mass += weights[i];
    last = i;
    if (target < mass) break;
  }
  return order_[last];
}

}  // namespace temper::inference
