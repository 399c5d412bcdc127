// Reading: every claim of a header is checked against the file before a byte of a tensor is handed out.
#include "data/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <set>

#include <simdjson.h>

#include <temper/error.h>
#include <temper/mapped_file.h>

#include "data/atomic_file.h"

namespace temper::data {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian, and their bytes are used as they are");

namespace {

struct DtypeInfo {
  Dtype dtype;
  std::string_view name;
  std::size_t bytes;
};

constexpr DtypeInfo kDtypes[] = {
    {Dtype::kF64, "F64", 8}, {Dtype::kF32, "F32", 4}, {Dtype::kF16, "F16", 2},         {Dtype::kBf16, "BF16", 2},       {Dtype::kI64, "I64", 8},
    {Dtype::kI32, "I32", 4}, {Dtype::kI16, "I16", 2}, {Dtype::kI8, "I8", 1},           {Dtype::kU64, "U64", 8},         {Dtype::kU32, "U32", 4},
    {Dtype::kU16, "U16", 2}, {Dtype::kU8, "U8", 1},   {Dtype::kBool, "BOOL", 1},       {Dtype::kF8E4M3, "F8_E4M3", 1},  {Dtype::kF8E5M2, "F8_E5M2", 1}};

constexpr std::uint64_t kLongestHeader = 100'000'000;  // bytes; the limit of the format's own readers

const DtypeInfo& info(Dtype dtype) { return kDtypes[static_cast<std::size_t>(dtype)]; }

// Elements x bytes, or nothing when that does not fit 63 bits.
std::optional<std::uint64_t> bytes_needed(Dtype dtype, const std::vector<std::int64_t>& shape) {
  std::uint64_t bytes = size_in_bytes(dtype);
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  for (const std::int64_t dimension : shape) {
    if (dimension < 0 || bytes > std::uint64_t{std::numeric_limits<std::int64_t>::max()} / static_cast<std::uint64_t>(dimension)) return std::nullopt;
    bytes *= static_cast<std::uint64_t>(dimension);
  }
  return bytes;
}

// Reads the header of one file; throws with the file's name in front.
class HeaderReader {
 public:
  HeaderReader(const std::filesystem::path& path, std::string_view bytes) : path_(path), bytes_(bytes) {}

  void read(std::vector<Tensor>& tensors, std::map<std::string, std::string>& metadata) {
    std::uint64_t length = 0;
    if (bytes_.size() < sizeof length) fail("has " + std::to_string(bytes_.size()) + " bytes, too few for a safetensors file");
    std::memcpy(&length, bytes_.data(), sizeof length);
    if (length > kLongestHeader) fail("says that its header has " + std::to_string(length) + " bytes, at most " + std::to_string(kLongestHeader) + " are allowed", "is it a safetensors file?");
    if (length > bytes_.size() - sizeof length)
      fail("says that its header has " + std::to_string(length) + " bytes, only " + std::to_string(bytes_.size() - sizeof length) + " follow", "the file may have been cut short; fetch it again");
    const std::string_view header = bytes_.substr(sizeof length, length);
    data_ = bytes_.substr(sizeof length + length);
    if (header.empty() || header[0] != '{') fail("has a header that is no JSON object", "is it a safetensors file?");
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    if (const auto error = parser.parse(simdjson::padded_string(header)).get(root)) fail(std::string("has a header that is no JSON: ") + simdjson::error_message(error));
    simdjson::dom::object object;
    if (root.get(object)) fail("has a header that is no JSON object");
    std::set<std::string, std::less<>> names;
    for (const auto [key, value] : object) {
      if (!names.emplace(key).second) fail("has \"" + std::string(key) + "\" twice in its header");
      if (key == "__metadata__") read_metadata(value, metadata);
      else tensors.push_back(read_tensor(std::string(key), value));
    }
    check_layout(tensors);
  }

 private:
  [[noreturn]] void fail(std::string what, std::string remedy = {}) const { throw Error({{{path_.string()}, std::move(what), std::move(remedy)}}); }

  void read_metadata(simdjson::dom::element value, std::map<std::string, std::string>& metadata) const {
    simdjson::dom::object object;
    if (value.get(object)) fail("has a __metadata__ that is no object of texts");
    for (const auto [key, entry] : object) {
      std::string_view text;
      if (entry.get(text)) fail("has a __metadata__ whose \"" + std::string(key) + "\" is no text");
      metadata[std::string(key)] = text;
    }
  }

  Tensor read_tensor(std::string name, simdjson::dom::element value) const {
    Tensor tensor;
    const std::string where = "tensor \"" + name + "\"";
    simdjson::dom::object object;
    if (value.get(object)) fail(where + " is no object of dtype, shape and data_offsets");
    int members = 0;
    for (const auto [key, unused] : object) {
      if (key != "dtype" && key != "shape" && key != "data_offsets") fail(where + " has the member \"" + std::string(key) + "\", which the format does not know");
      ++members;
    }
    if (members != 3) fail(where + " has " + std::to_string(members) + " members, expected dtype, shape and data_offsets");
    std::string_view dtype;
    if (object["dtype"].get(dtype)) fail(where + " has no dtype");
    const auto* known = std::find_if(std::begin(kDtypes), std::end(kDtypes), [&](const DtypeInfo& i) { return i.name == dtype; });
    if (known == std::end(kDtypes)) fail(where + " has the dtype " + std::string(dtype) + ", which is not known here");
    tensor.dtype = known->dtype;
    simdjson::dom::array shape;
    if (object["shape"].get(shape)) fail(where + " has no shape");
    for (const auto entry : shape) {
      std::int64_t dimension = 0;
      if (entry.get(dimension) || dimension < 0) fail(where + " has a shape that is not all whole numbers from 0");
      tensor.shape.push_back(dimension);
    }
    simdjson::dom::array offsets;
    std::vector<std::uint64_t> ends;
    if (object["data_offsets"].get(offsets)) fail(where + " has no data_offsets");
    for (const auto entry : offsets) {
      std::uint64_t offset = 0;
      if (entry.get(offset)) fail(where + " has data_offsets that are not whole numbers from 0");
      ends.push_back(offset);
    }
    if (ends.size() != 2) fail(where + " has " + std::to_string(ends.size()) + " data_offsets, expected 2");
    const std::string range = "[" + std::to_string(ends[0]) + ", " + std::to_string(ends[1]) + ")";
    if (ends[0] > ends[1]) fail(where + " lies at " + range + ", which is no range");
    if (ends[1] > data_.size())
      fail(where + " lies at " + range + ", the file holds " + std::to_string(data_.size()) + " bytes of data", "the file may have been cut short; fetch it again");
    const auto needed = bytes_needed(tensor.dtype, tensor.shape);
    if (!needed || *needed != ends[1] - ends[0])
      fail(where + " has " + std::to_string(ends[1] - ends[0]) + " bytes, its dtype and shape need " + (needed ? std::to_string(*needed) : "more than fit a file"));
    tensor.name = std::move(name);
    tensor.bytes = {reinterpret_cast<const std::byte*>(data_.data()) + ends[0], ends[1] - ends[0]};
    return tensor;
  }

  // Sorts by place; the tensors must fill the data, one behind the other.
  void check_layout(std::vector<Tensor>& tensors) const {
    const auto begin = [&](const Tensor& t) { return static_cast<std::size_t>(reinterpret_cast<const char*>(t.bytes.data()) - data_.data()); };
    std::stable_sort(tensors.begin(), tensors.end(), [&](const Tensor& a, const Tensor& b) {
      return begin(a) != begin(b) ? begin(a) < begin(b) : a.bytes.size() < b.bytes.size();
    });
    std::size_t expected = 0;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      const std::size_t found = begin(tensors[i]);
      if (found < expected) fail("tensor \"" + tensors[i].name + "\" overlaps tensor \"" + tensors[i - 1].name + "\"");
      if (found > expected) fail("has " + std::to_string(found - expected) + " bytes before tensor \"" + tensors[i].name + "\" that belong to none");
      expected += tensors[i].bytes.size();
    }
    if (expected != data_.size()) fail("has " + std::to_string(data_.size() - expected) + " bytes behind its last tensor");
  }

  const std::filesystem::path& path_;
  std::string_view bytes_, data_;
};

}  // namespace

std::size_t size_in_bytes(Dtype dtype) { return info(dtype).bytes; }
std::string_view to_string(Dtype dtype) { return info(dtype).name; }

std::int64_t Tensor::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t dimension : shape) count *= dimension;
  return count;
}

struct SafetensorsFile::State {
  explicit State(const std::filesystem::path& path) : file(path, MappedFile::Access::kPrivateWrites) {}
  MappedFile file;
  std::vector<Tensor> tensors;
  std::map<std::string, std::string> metadata;
  std::map<std::string_view, std::size_t> by_name;
};

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : state_(std::make_unique<State>(path)) {
  HeaderReader(path, state_->file.bytes()).read(state_->tensors, state_->metadata);
  for (std::size_t i = 0; i < state_->tensors.size(); ++i) state_->by_name[state_->tensors[i].name] = i;
}

SafetensorsFile::SafetensorsFile(SafetensorsFile&&) noexcept = default;
SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&&) noexcept = default;
SafetensorsFile::~SafetensorsFile() = default;

const std::filesystem::path& SafetensorsFile::path() const { return state_->file.path(); }
const std::vector<Tensor>& SafetensorsFile::tensors() const { return state_->tensors; }
const std::map<std::string, std::string>& SafetensorsFile::metadata() const { return state_->metadata; }

std::shared_ptr<std::byte> SafetensorsFile::private_bytes(const Tensor& tensor) const {
  const std::shared_ptr<char> all = state_->file.private_bytes();
  if (!all) return nullptr;
  return {all, const_cast<std::byte*>(tensor.bytes.data())};
}

const Tensor* SafetensorsFile::find(std::string_view name) const {
  const auto found = state_->by_name.find(name);
  return found == state_->by_name.end() ? nullptr : &state_->tensors[found->second];
}

}  // namespace temper::data
