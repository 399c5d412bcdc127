// Between tensors and their bytes in a file.
#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include "data/safetensors.h"

namespace temper::nn {

// A copy in memory of its own, of the file's type. Throws Error for types that libtorch has no use for here.
at::Tensor to_tensor(const data::Tensor& stored);
// Fills a float32 tensor from stored numbers of its shape. A large file is opened in place: the tensor then is the file's memory, which
// `files` maps privately, so that nothing is copied before it is written to.
void fill(at::Tensor& tensor, const data::TensorFiles& files, const data::Tensor& stored);
// The bytes of a contiguous CPU tensor, which must outlive the result.
data::Tensor to_stored(const std::string& name, const at::Tensor& tensor);
// "[3, 48]", for messages.
std::string shape_text(at::IntArrayRef shape);

}  // namespace temper::nn
