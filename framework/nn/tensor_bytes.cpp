// Between tensors and their bytes in a file.
#include "nn/tensor_bytes.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include <ATen/ATen.h>

#include <temper/error.h>

namespace temper::nn {

namespace {

constexpr std::pair<data::Dtype, at::ScalarType> kTypes[] = {
    {data::Dtype::kF64, at::kDouble}, {data::Dtype::kF32, at::kFloat}, {data::Dtype::kF16, at::kHalf}, {data::Dtype::kBf16, at::kBFloat16},
    {data::Dtype::kI64, at::kLong},   {data::Dtype::kI32, at::kInt},   {data::Dtype::kI16, at::kShort}, {data::Dtype::kI8, at::kChar},
    {data::Dtype::kU8, at::kByte},    {data::Dtype::kBool, at::kBool},
};

}  // namespace

at::Tensor to_tensor(const data::Tensor& stored) {
  for (const auto& [dtype, type] : kTypes) {
    if (dtype != stored.dtype) continue;
    at::Tensor tensor = at::empty(stored.shape, type);
    if (!stored.bytes.empty()) std::memcpy(tensor.mutable_data_ptr(), stored.bytes.data(), stored.bytes.size());
    return tensor;
  }
  throw Error("tensor \"" + stored.name + "\" is stored as " + std::string(data::to_string(stored.dtype)) + ", which is not supported");
}

void fill(at::Tensor& tensor, const data::TensorFiles& files, const data::Tensor& stored) {
  const bool fits = stored.dtype == data::Dtype::kF32 && tensor.scalar_type() == at::kFloat && tensor.device().is_cpu() &&
                    reinterpret_cast<std::uintptr_t>(stored.bytes.data()) % alignof(float) == 0;
  const std::shared_ptr<std::byte> memory = fits ? files.private_bytes(stored) : nullptr;
  if (!memory) {
    tensor.copy_(to_tensor(stored));
    return;
  }
  tensor.set_data(at::from_blob(memory.get(), stored.shape, [memory](void*) {}, at::TensorOptions().dtype(at::kFloat)));  // all that refer to the tensor see it
}

data::Tensor to_stored(const std::string& name, const at::Tensor& tensor) {
  for (const auto& [dtype, type] : kTypes) {
    if (type != tensor.scalar_type()) continue;
    const auto* bytes = static_cast<const std::byte*>(tensor.const_data_ptr());
    return {name, dtype, tensor.sizes().vec(), {bytes, static_cast<std::size_t>(tensor.nbytes())}};
  }
  throw Error("tensor \"" + name + "\" is of a type that safetensors files do not have");
}

std::string shape_text(at::IntArrayRef shape) {
  std::string text = "[";
  for (const std::int64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

}  // namespace temper::nn
