// A packed batch on its device.
#include <temper/torch/forward.h>

#include <ATen/ATen.h>

namespace temper {

namespace {

Tensor on_device(const std::vector<std::int32_t>& values, at::Device device) {
  return at::from_blob(const_cast<std::int32_t*>(values.data()), {static_cast<std::int64_t>(values.size())}, at::kInt)
      .to(at::TensorOptions().device(device).dtype(at::kLong));  // another type: always a copy
}

std::vector<LengthGroup> groups_of(const Batch& batch) {
  std::vector<LengthGroup> groups;
  for (std::int64_t b = 0; b < batch.size(); ++b) {
    const std::int64_t first = batch.starts[b], length = batch.starts[b + 1] - first;
    if (!groups.empty() && groups.back().length == length) {
      ++groups.back().count;
    } else {
      groups.push_back({first, 1, length});
    }
  }
  return groups;
}

}  // namespace

PackedInput::PackedInput(const Batch& batch, at::Device device)
    : host(batch), ids(on_device(batch.ids, device)), positions(on_device(batch.positions, device)),
      segments(on_device(batch.segments, device)), groups(groups_of(batch)) {}

}  // namespace temper
