// Arrays over the writer and the reader of safetensors files.
#include <temper/array_file.h>

#include <cstring>

#include <temper/error.h>

#include "data/safetensors.h"

namespace temper {

namespace {

template <class T> constexpr data::Dtype dtype_of();
template <> constexpr data::Dtype dtype_of<float>() { return data::Dtype::kF32; }
template <> constexpr data::Dtype dtype_of<double>() { return data::Dtype::kF64; }
template <> constexpr data::Dtype dtype_of<std::int64_t>() { return data::Dtype::kI64; }

std::string text_of(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t length : shape) text += (text.empty() ? "" : ", ") + (length < 0 ? std::string("any") : std::to_string(length));
  return '[' + text + ']';
}

bool fits(const std::vector<std::int64_t>& found, const std::vector<std::int64_t>& wanted) {
  if (found.size() != wanted.size()) return false;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (wanted[i] >= 0 && found[i] != wanted[i]) return false;
  }
  return true;
}

}  // namespace

struct ArrayWriter::State {
  std::vector<data::Tensor> tensors;
};

ArrayWriter::ArrayWriter() : state_(std::make_unique<State>()) {}
ArrayWriter::~ArrayWriter() = default;

template <class T>
void ArrayWriter::add(const std::string& name, std::vector<std::int64_t> shape, std::span<const T> numbers) {
  state_->tensors.push_back({name, dtype_of<T>(), std::move(shape), std::as_bytes(numbers)});
}
template void ArrayWriter::add(const std::string&, std::vector<std::int64_t>, std::span<const float>);
template void ArrayWriter::add(const std::string&, std::vector<std::int64_t>, std::span<const double>);
template void ArrayWriter::add(const std::string&, std::vector<std::int64_t>, std::span<const std::int64_t>);

void ArrayWriter::write(const std::filesystem::path& file) const { data::write_safetensors(file, state_->tensors, {}); }

struct ArrayReader::State {
  explicit State(const std::filesystem::path& path) : file(path) {}
  data::SafetensorsFile file;
};

ArrayReader::ArrayReader(const std::filesystem::path& file) : state_(std::make_unique<State>(file)) {}
ArrayReader::~ArrayReader() = default;

template <class T>
std::vector<T> ArrayReader::read(const std::string& name, std::vector<std::int64_t>& shape) const {
  const data::Tensor* array = state_->file.find(name);
  if (!array) fail("has no array \"" + name + "\"");
  if (array->dtype != dtype_of<T>()) {
    fail("has the array \"" + name + "\" as " + std::string(data::to_string(array->dtype)) + ", expected " + std::string(data::to_string(dtype_of<T>())));
  }
  if (!fits(array->shape, shape)) fail("has the array \"" + name + "\" with the shape " + text_of(array->shape) + ", expected " + text_of(shape));
  shape = array->shape;
  std::vector<T> numbers(array->bytes.size() / sizeof(T));
  if (!numbers.empty()) std::memcpy(numbers.data(), array->bytes.data(), array->bytes.size());
  return numbers;
}
template std::vector<float> ArrayReader::read(const std::string&, std::vector<std::int64_t>&) const;
template std::vector<double> ArrayReader::read(const std::string&, std::vector<std::int64_t>&) const;
template std::vector<std::int64_t> ArrayReader::read(const std::string&, std::vector<std::int64_t>&) const;

void ArrayReader::fail(const std::string& what) const { throw Error({{{state_->file.path().string()}, what, {}}}); }

}  // namespace temper
