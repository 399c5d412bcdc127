// Writing: equal tensors give equal files, and a file is whole or not there.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <nlohmann/json.hpp>

#include <temper/error.h>

#include "data/atomic_file.h"
#include "data/safetensors.h"

namespace temper::data {

void write_safetensors(const std::filesystem::path& path, std::vector<Tensor> tensors, const std::map<std::string, std::string>& metadata) {
  const auto fail = [&](std::string what) { throw Error({{{path.string()}, std::move(what), {}}}); };
  std::sort(tensors.begin(), tensors.end(), [](const Tensor& a, const Tensor& b) {
    const std::size_t x = size_in_bytes(a.dtype), y = size_in_bytes(b.dtype);
    return x != y ? x > y : a.name < b.name;
  });
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::size_t offset = 0;
  for (const Tensor& tensor : tensors) {
    if (header.contains(tensor.name)) fail("tensor \"" + tensor.name + "\" comes twice");
    if (static_cast<std::size_t>(tensor.elements()) * size_in_bytes(tensor.dtype) != tensor.bytes.size())
      fail("tensor \"" + tensor.name + "\" has " + std::to_string(tensor.bytes.size()) + " bytes, which its dtype and shape do not give");
    header[tensor.name] = {{"dtype", to_string(tensor.dtype)}, {"shape", tensor.shape}, {"data_offsets", {offset, offset + tensor.bytes.size()}}};
    offset += tensor.bytes.size();
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // so that a mapped tensor is aligned to its element
  const std::uint64_t length = text.size();

  AtomicReplacement replacement(path);
  std::ofstream out(replacement.temporary(), std::ios::binary);
  out.write(reinterpret_cast<const char*>(&length), sizeof length);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  for (const Tensor& tensor : tensors) out.write(reinterpret_cast<const char*>(tensor.bytes.data()), static_cast<std::streamsize>(tensor.bytes.size()));
  out.close();
  if (!out) fail(std::string("cannot be written: ") + std::strerror(errno));
  replacement.commit();
}

}  // namespace temper::data
