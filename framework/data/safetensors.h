// Reads and writes safetensors files without torch: the header is checked whole, the bytes are mapped.
// Format: 8 bytes little-endian header length, a JSON object {name: {dtype, shape, data_offsets}}, then the tensors' bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace temper::data {

enum class Dtype { kF64, kF32, kF16, kBf16, kI64, kI32, kI16, kI8, kU64, kU32, kU16, kU8, kBool, kF8E4M3, kF8E5M2 };

std::size_t size_in_bytes(Dtype dtype);
std::string_view to_string(Dtype dtype);  // as the file spells it: "F32", "BF16", "BOOL"

// A tensor in a file, or one to be written. `bytes` holds it row-major and little-endian; it belongs to the file that was read,
// and need not be aligned to the element (foreign writers do not always pad their header).
struct Tensor {
  std::string name;
  Dtype dtype = Dtype::kF32;
  std::vector<std::int64_t> shape;  // empty: a scalar
  std::span<const std::byte> bytes;
  std::int64_t elements() const;
};

// One file. Throws Error when it cannot be read, and for every way in which a header can lie: a length beyond the file or
// above 100 MB, JSON that is not such an object, a name given twice, an unknown dtype, offsets that overlap, leave a gap, lie
// outside or do not fit dtype and shape. The mapping lives as long as this object.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path);
  SafetensorsFile(SafetensorsFile&&) noexcept;
  SafetensorsFile& operator=(SafetensorsFile&&) noexcept;
  ~SafetensorsFile();

  const std::filesystem::path& path() const;
  const std::vector<Tensor>& tensors() const;  // in the order of their bytes
  const Tensor* find(std::string_view name) const;
  const std::map<std::string, std::string>& metadata() const;
  // The bytes of one of tensors() as memory of this process, which may be written to without changing the file and lives as long as
  // the result; null for a file so small that it was read.
  std::shared_ptr<std::byte> private_bytes(const Tensor& tensor) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// All tensors of a checkpoint: one file, or the shards that an index (model.safetensors.index.json) names. Throws Error also
// when a shard is missing, holds a tensor that another one holds, or lacks one that the index puts there.
class TensorFiles {
 public:
  // `path`: a .safetensors file, an index file, or a folder (its model.safetensors.index.json, else model.safetensors,
  // else adapter_model.safetensors).
  explicit TensorFiles(const std::filesystem::path& path);

  const std::vector<Tensor>& tensors() const { return tensors_; }  // sorted by name
  const Tensor* find(std::string_view name) const;
  const std::vector<SafetensorsFile>& files() const { return files_; }
  const std::filesystem::path& file_of(const Tensor& tensor) const;  // for messages; `tensor` is one of tensors()
  std::shared_ptr<std::byte> private_bytes(const Tensor& tensor) const;  // see SafetensorsFile

 private:
  std::vector<SafetensorsFile> files_;
  std::vector<Tensor> tensors_;
  std::vector<std::size_t> file_of_;  // parallel to tensors_
};

// Replaces `path` atomically. Tensors are written in descending alignment and then by name, the header is padded to 8 bytes,
// so that equal tensors give equal files. Throws Error when bytes do not fit dtype and shape, or a name comes twice.
void write_safetensors(const std::filesystem::path& path, std::vector<Tensor> tensors,
                       const std::map<std::string, std::string>& metadata = {{"format", "pt"}});

}  // namespace temper::data
