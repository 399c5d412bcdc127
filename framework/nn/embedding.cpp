// Embedding: rows of a table, and gradients for the rows that were looked up.
#include <temper/torch/layers.h>

#include <algorithm>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include "nn/kernels.h"

namespace temper {

namespace {

// Adds to table[ids[n]] the row rows[n], in the order of n for every element whatever the number of threads.
void add_rows(Tensor& table, const Tensor& ids, const Tensor& rows, std::int64_t padding_row) {
  const std::int64_t width = table.size(1);
  const auto* id = ids.const_data_ptr<std::int64_t>();
  const auto* from = rows.const_data_ptr<float>();
  auto* to = table.mutable_data_ptr<float>();
  at::parallel_for(0, width, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = 0; n < ids.numel(); ++n) {
      if (id[n] != padding_row) nn::accumulate(to + id[n] * width + begin, from + n * width + begin, end - begin);
    }
  });
}

void note_rows(Parameter& parameter, const Tensor& ids) {
  if (parameter.looked_up.empty()) return;
  const Tensor rows = ids.contiguous();
  const auto* row = rows.const_data_ptr<std::int64_t>();
  for (std::int64_t n = 0; n < rows.numel(); ++n) parameter.looked_up[static_cast<std::size_t>(row[n])] = 1;
}

}  // namespace

// What outlives a pass. A gradient of the table's size is mostly zeros: it is kept, and only the rows that were written are cleared.
struct Embedding::Table final : torch::CustomClassHolder {
  Tensor weight;
  std::int64_t padding_row = -1;
  bool keeps_gradient = false;  // nothing but look-ups writes to the gradient
  Tensor gradient;
  std::vector<Tensor> written;  // ids

  Tensor cleared_gradient() {
    const bool is_free = keeps_gradient && gradient.defined() && gradient.use_count() == 1 && gradient.sizes() == weight.sizes();
    if (!is_free) {
      gradient = at::zeros_like(weight);
    } else {
      for (const Tensor& ids : written) gradient.index_fill_(0, ids, 0);
    }
    written.clear();
    return keeps_gradient ? gradient : std::exchange(gradient, Tensor());
  }
};

namespace {

// Only the rows looked up are added to .grad: no gradient of the table's size is made when there is one already.
template <class Table>
class LookUp final : public torch::autograd::Function<LookUp<Table>> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* ctx, const Tensor& weight, const Tensor& ids, const c10::intrusive_ptr<Table>& table) {
    ctx->save_for_backward({ids});
    ctx->saved_data["table"] = c10::IValue::make_capsule(table);
    return at::embedding(weight, ids);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx, const torch::autograd::variable_list& gradients) {
    const auto holder = ctx->saved_data["table"].toCapsule();
    auto& table = static_cast<Table&>(*holder);
    Tensor& sum = table.weight.mutable_grad();
    if (!sum.defined()) sum = table.cleared_gradient();
    const Tensor ids = ctx->get_saved_variables()[0].contiguous();
    add_rows(sum, ids, gradients[0].to(at::kFloat).contiguous(), table.padding_row);
    if (table.keeps_gradient) table.written.push_back(ids);
    return {Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

Embedding::Embedding(ParameterTable& table, const std::string& name, std::int64_t rows, std::int64_t width, double init_std,
                     std::int64_t padding_row)
    : padding_row_(padding_row) {
  Parameter weight;
  weight.name = name + ".weight";
  weight.tensor = at::empty({rows, width}, at::kFloat);  // filled by seed or file
  weight.init_std = init_std;
  weight.block = -1;
  weight.zero_row = padding_row;
  weight.looked_up.assign(static_cast<std::size_t>(rows), 0);
  weight.tensor.requires_grad_(true);
  weight_ = &table.add(std::move(weight));
}

Embedding::~Embedding() = default;
Embedding::Embedding(Embedding&&) noexcept = default;

Tensor Embedding::forward(const Tensor& ids) {
  const Tensor& weight = weight_->tensor;
  if (!weight.device().is_cpu()) {
    weight_->looked_up.clear();
    return at::embedding(weight, ids, padding_row_);
  }
  if (weight.requires_grad() && c10::GradMode::is_enabled()) note_rows(*weight_, ids);
  if (!table_) table_ = c10::make_intrusive<Table>();
  table_->weight = weight;
  table_->padding_row = padding_row_;
  table_->keeps_gradient = !weight_->looked_up.empty();
  return LookUp<Table>::apply(weight, ids, table_);
}

}  // namespace temper
