// Reference checkpoints and the numbers that another program computes from them; shared/golden/models/README.md describes them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include <temper/batch.h>
#include <temper/value.h>

#include "data/atomic_file.h"
#include "data/safetensors.h"
#include "nn/tensor_bytes.h"
#include "support/shared.h"

namespace temper::testing {

class Golden {
 public:
  explicit Golden(std::filesystem::path folder)
      : folder_(std::move(folder)), tensors_(folder_ / "golden.safetensors"),
        notes_(parse_json(data::read_file(folder_ / "golden.json"), (folder_ / "golden.json").string())) {}

  const std::filesystem::path& folder() const { return folder_; }  // the checkpoint lies here too
  const Value& notes() const { return notes_; }
  bool has(const std::string& name) const { return tensors_.find(name) != nullptr; }
  at::Tensor tensor(const std::string& name) const {
    const data::Tensor* found = tensors_.find(name);
    if (!found) throw Error(folder_.string() + " has no golden tensor \"" + name + "\"");
    return nn::to_tensor(*found);
  }
  std::vector<std::int64_t> integers(const std::string& name) const {
    const at::Tensor values = tensor(name).contiguous();
    const auto* first = values.const_data_ptr<std::int64_t>();
    return {first, first + values.numel()};
  }
  // "grad." and the parameter's name; only some are stored.
  std::vector<std::string> names_that_begin(const std::string& start) const {
    std::vector<std::string> names;
    for (const data::Tensor& tensor : tensors_.tensors()) {
      if (tensor.name.starts_with(start)) names.push_back(tensor.name);
    }
    return names;
  }

 private:
  std::filesystem::path folder_;
  data::SafetensorsFile tensors_;
  Value notes_;
};

// Nothing when the shared inputs are not there: GTEST_SKIP() << kNoSharedFolder.
inline std::optional<Golden> open_golden(const std::string& name) {
  const auto shared = shared_folder();
  if (!shared) return std::nullopt;
  return Golden(*shared / "golden/models" / name);
}

// Padded rows [B, T] as a packed batch: only the tokens whose mask is 1, at the positions that they have in their row.
inline Batch packed(const at::Tensor& ids, const at::Tensor& mask, const at::Tensor& type_ids = {}) {
  Batch batch;
  batch.starts.push_back(0);
  const at::Tensor types = type_ids.defined() ? type_ids : at::zeros_like(ids);
  for (std::int64_t b = 0; b < ids.size(0); ++b) {
    for (std::int64_t t = 0; t < ids.size(1); ++t) {
      if (mask[b][t].item<std::int64_t>() == 0) continue;
      batch.ids.push_back(ids[b][t].item<std::int32_t>());
      batch.positions.push_back(static_cast<std::int32_t>(t));
      batch.segments.push_back(types[b][t].item<std::int32_t>());
    }
    batch.starts.push_back(static_cast<std::int32_t>(batch.ids.size()));
    batch.items.push_back(static_cast<std::uint64_t>(b));
  }
  return batch;
}

// The rows of x [B, T, ...] whose mask is 1, in the packed order: [N, ...].
inline at::Tensor unpadded(const at::Tensor& x, const at::Tensor& mask) { return x.flatten(0, 1).index_select(0, mask.flatten().nonzero().squeeze(1)); }

}  // namespace temper::testing
