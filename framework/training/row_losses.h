// Losses of rows that a head gave, summed per example. Shapes: M rows, B examples, L labels.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <temper/torch/objective.h>

namespace temper::training {

// Which packed tokens a head reads, and what is asked of each.
class Rows {
 public:
  explicit Rows(std::size_t examples) : counts_(examples, 0) {}
  void add(std::size_t example, std::int64_t token, std::int64_t label);
  bool empty() const { return tokens_.empty(); }
  const std::vector<std::int64_t>& tokens() const { return tokens_; }
  const std::vector<std::int64_t>& labels() const { return labels_; }
  const std::vector<std::int64_t>& counts() const { return counts_; }  // rows per example
  // [M] -> [B]. Each loss has a place of its own, so the sums are the same on every run and device (index_add on a GPU is not).
  Tensor summed(const Tensor& losses) const;

 private:
  std::vector<std::int64_t> tokens_, labels_, example_, place_, counts_;
};

Tensor on_device(const std::vector<std::int64_t>& values, at::Device device);
// [M, L], [M] -> [M]; 0 where the label is kIgnored.
Tensor row_losses(const Tensor& logits, const Tensor& labels);
// The logits of these packed tokens, [M, L]. `context` is that of the pass.
Tensor logits_of(HeadedModel& model, ForwardContext context, const Tensor& tokens);
// Throws Error for a label that is neither kIgnored nor below `labels`.
void check_label(std::int64_t label, std::int64_t labels, const char* whose, const char* what);
// Throws Error unless the example has a label per token, or none.
void check_labels_per_token(const Example& example);
// Where each example begins among the packed tokens, and after the last one their number.
std::vector<std::int64_t> token_starts(std::span<const Example* const> examples);

}  // namespace temper::training
