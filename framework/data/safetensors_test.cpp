// Safetensors: what is written is read, and every lie of a header is caught.
#include "data/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>

#include <temper/error.h>

#include "support/message_of.h"
#include "support/shared.h"
#include "support/temporary_folder.h"

namespace temper::data {
namespace {

using testing::message_of;
using testing::TemporaryFolder;

std::span<const std::byte> bytes_of(const auto& values) { return std::as_bytes(std::span(values)); }

// A file with this header text and this many bytes of data.
std::string file_with(const std::string& header, std::size_t data_bytes, std::uint64_t claimed_length) {
  std::string file(8, '\0');
  std::memcpy(file.data(), &claimed_length, 8);
  return file + header + std::string(data_bytes, 'x');
}
std::string file_with(const std::string& header, std::size_t data_bytes) { return file_with(header, data_bytes, header.size()); }

// The message without the file's name in front.
std::string problem_of(const std::string& contents) {
  const TemporaryFolder folder;
  const auto path = folder.write("model.safetensors", contents);
  const std::string message = message_of([&] { SafetensorsFile{path}; });
  const std::string front = path.string() + ": ";
  return message.starts_with(front) ? message.substr(front.size()) : message;
}

TEST(Safetensors, ReadsWhatItWrote) {
  const TemporaryFolder folder;
  const std::vector<float> weight = {1, 2, 3, 4, 5, 6};
  const std::vector<std::int64_t> ids = {7};
  const std::vector<std::uint8_t> mask = {1, 0, 1};
  write_safetensors(folder / "m", {{"mask", Dtype::kBool, {3}, bytes_of(mask)}, {"b.weight", Dtype::kF32, {2, 3}, bytes_of(weight)},
                                   {"a.none", Dtype::kF16, {0, 4}, {}}, {"scalar", Dtype::kI64, {}, bytes_of(ids)}});
  const SafetensorsFile file(folder / "m");
  std::vector<std::string> names;
  for (const Tensor& tensor : file.tensors()) names.push_back(tensor.name);
  EXPECT_EQ(names, (std::vector<std::string>{"scalar", "b.weight", "a.none", "mask"}));  // by element size, then by name
  const Tensor* read = file.find("b.weight");
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(read->dtype, Dtype::kF32);
  EXPECT_EQ(read->shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(std::memcmp(read->bytes.data(), weight.data(), 24), 0);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(read->bytes.data()) % 4, 0u);
  EXPECT_EQ(file.find("scalar")->elements(), 1);
  EXPECT_EQ(file.find("a.none")->elements(), 0);
  EXPECT_EQ(file.find("c"), nullptr);
  EXPECT_EQ(file.metadata(), (std::map<std::string, std::string>{{"format", "pt"}}));
}

TEST(Safetensors, EqualTensorsGiveEqualFiles) {
  const TemporaryFolder folder;
  const std::vector<float> x = {1, 2}, y = {3};
  write_safetensors(folder / "one", {{"x", Dtype::kF32, {2}, bytes_of(x)}, {"y", Dtype::kF32, {1}, bytes_of(y)}});
  write_safetensors(folder / "two", {{"y", Dtype::kF32, {1}, bytes_of(y)}, {"x", Dtype::kF32, {2}, bytes_of(x)}});
  EXPECT_EQ(folder.read("one"), folder.read("two"));
  EXPECT_EQ(folder.read("one").substr(8, 92), R"({"__metadata__":{"format":"pt"},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"d)");
}

TEST(Safetensors, WritesNothingThatDoesNotFit) {
  const TemporaryFolder folder;
  const std::vector<float> x = {1, 2};
  EXPECT_NE(message_of([&] { write_safetensors(folder / "m", {{"x", Dtype::kF32, {3}, bytes_of(x)}}); }).find("tensor \"x\" has 8 bytes, which its dtype and shape do not give"), std::string::npos);
  EXPECT_NE(message_of([&] { write_safetensors(folder / "m", {{"x", Dtype::kF32, {2}, bytes_of(x)}, {"x", Dtype::kF32, {2}, bytes_of(x)}}); }).find("tensor \"x\" comes twice"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Safetensors, CatchesALengthThatLies) {
  EXPECT_EQ(problem_of("abc"), "has 3 bytes, too few for a safetensors file");
  EXPECT_EQ(problem_of(file_with("{}", 0, 200)), "says that its header has 200 bytes, only 2 follow\n    the file may have been cut short; fetch it again");
  EXPECT_EQ(problem_of(file_with("{}", 0, ~std::uint64_t{0})), "says that its header has 18446744073709551615 bytes, at most 100000000 are allowed\n    is it a safetensors file?");
}

TEST(Safetensors, CatchesAHeaderThatIsNoObject) {
  EXPECT_EQ(problem_of(file_with("", 0)), "has a header that is no JSON object\n    is it a safetensors file?");
  EXPECT_EQ(problem_of(file_with("[1]", 0)), "has a header that is no JSON object\n    is it a safetensors file?");
  EXPECT_EQ(problem_of(file_with("{\"a\":", 0)).substr(0, 28), "has a header that is no JSON");
  EXPECT_EQ(problem_of(file_with("{\"a\":1}", 0)), "tensor \"a\" is no object of dtype, shape and data_offsets");
  EXPECT_EQ(problem_of(file_with("{\"__metadata__\":{\"a\":1}}", 0)), "has a __metadata__ whose \"a\" is no text");
}

TEST(Safetensors, TakesAPaddedHeader) { EXPECT_EQ(problem_of(file_with("{}      ", 0)), "no error"); }

std::string with_tensor(const std::string& members, std::size_t data_bytes) { return problem_of(file_with("{\"a\":{" + members + "}}", data_bytes)); }

TEST(Safetensors, CatchesMembersThatLackOrAreOfAnotherType) {
  EXPECT_EQ(with_tensor(R"("dtype":"F32","shape":[1])", 4), "tensor \"a\" has 2 members, expected dtype, shape and data_offsets");
  EXPECT_EQ(with_tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1)", 4), "tensor \"a\" has the member \"more\", which the format does not know");
  EXPECT_EQ(with_tensor(R"("dtype":"F31","shape":[1],"data_offsets":[0,4])", 4), "tensor \"a\" has the dtype F31, which is not known here");
  EXPECT_EQ(with_tensor(R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])", 4), "tensor \"a\" has a shape that is not all whole numbers from 0");
  EXPECT_EQ(with_tensor(R"("dtype":"F32","shape":[1],"data_offsets":[-1,3])", 4), "tensor \"a\" has data_offsets that are not whole numbers from 0");
  EXPECT_EQ(with_tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4,8])", 8), "tensor \"a\" has 3 data_offsets, expected 2");
  EXPECT_EQ(with_tensor(R"("dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4])", 4), "tensor \"a\" has 4 members, expected dtype, shape and data_offsets");
}

TEST(Safetensors, CatchesOffsetsThatLie) {
  EXPECT_EQ(with_tensor(R"("dtype":"F32","shape":[1],"data_offsets":[4,0])", 4), "tensor \"a\" lies at [4, 0), which is no range");
  EXPECT_EQ(with_tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])", 4),
            "tensor \"a\" lies at [0, 8), the file holds 4 bytes of data\n    the file may have been cut short; fetch it again");
  EXPECT_EQ(with_tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,4])", 4), "tensor \"a\" has 4 bytes, its dtype and shape need 8");
  EXPECT_EQ(with_tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4])", 6), "has 2 bytes behind its last tensor");
  EXPECT_EQ(with_tensor(R"("dtype":"F32","shape":[1],"data_offsets":[2,6])", 6), "has 2 bytes before tensor \"a\" that belong to none");
}

TEST(Safetensors, CatchesAShapeThatOverflows) {
  EXPECT_EQ(with_tensor(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0])", 0), "tensor \"a\" has 0 bytes, its dtype and shape need more than fit a file");
  EXPECT_EQ(with_tensor(R"("dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0])", 0), "tensor \"a\" has 0 bytes, its dtype and shape need more than fit a file");
}

TEST(Safetensors, CatchesTensorsThatOverlapOrComeTwice) {
  const std::string a = R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]})";
  EXPECT_EQ(problem_of(file_with("{" + a + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})", 6)), "tensor \"b\" overlaps tensor \"a\"");
  EXPECT_EQ(problem_of(file_with("{" + a + "," + a + "}", 4)), "has \"a\" twice in its header");
}

TEST(Safetensors, EveryCutOfAFileIsAnError) {
  const TemporaryFolder folder;
  const std::vector<float> x = {1, 2};
  write_safetensors(folder / "m", {{"x", Dtype::kF32, {2}, bytes_of(x)}});
  const std::string whole = folder.read("m");
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_NE(problem_of(whole.substr(0, size)), "no error") << size;
}

// Whatever byte of a header is wrong, reading ends in an error or in tensors that lie inside the file.
TEST(Safetensors, EveryChangedByteIsAnErrorOrHarmless) {
  const TemporaryFolder folder;
  const std::vector<float> x = {1, 2}, y = {3};
  write_safetensors(folder / "m", {{"x", Dtype::kF32, {1, 2}, bytes_of(x)}, {"y", Dtype::kF32, {1}, bytes_of(y)}});
  const std::string whole = folder.read("m");
  for (std::size_t at = 0; at < whole.size() - 12; ++at) {
    for (const char byte : {'\0', '"', '0', '9', '-', '{', ']', '\xFF'}) {
      std::string changed = whole;
      changed[at] = byte;
      const auto path = folder.write("changed", changed);
      try {
        unsigned sum = 0;
        for (const Tensor& tensor : SafetensorsFile(path).tensors()) {
          EXPECT_LE(tensor.bytes.size(), 12u);
          for (const std::byte b : tensor.bytes) sum += std::to_integer<unsigned>(b);
        }
        EXPECT_LE(sum, 12u * 255);
      } catch (const Error&) {
      }
    }
  }
}

TEST(TensorFiles, ReadsShardsThroughTheirIndex) {
  const TemporaryFolder folder;
  const std::vector<float> x = {1, 2}, y = {3};
  write_safetensors(folder / "model-1.safetensors", {{"x", Dtype::kF32, {2}, bytes_of(x)}});
  write_safetensors(folder / "model-2.safetensors", {{"y", Dtype::kF32, {1}, bytes_of(y)}});
  folder.write("model.safetensors.index.json", R"({"metadata":{"total_size":12},"weight_map":{"y":"model-2.safetensors","x":"model-1.safetensors"}})");
  const TensorFiles tensors(folder.path());
  ASSERT_EQ(tensors.tensors().size(), 2u);
  EXPECT_EQ(tensors.tensors()[0].name, "x");
  EXPECT_EQ(tensors.file_of(*tensors.find("y")), folder / "model-2.safetensors");
  EXPECT_EQ(tensors.find("z"), nullptr);
}

TEST(TensorFiles, TellsEverythingThatIsWrongWithShards) {
  const TemporaryFolder folder;
  const std::vector<float> x = {1, 2};
  write_safetensors(folder / "1.safetensors", {{"x", Dtype::kF32, {2}, bytes_of(x)}});
  write_safetensors(folder / "2.safetensors", {{"x", Dtype::kF32, {2}, bytes_of(x)}});
  folder.write("model.safetensors.index.json", R"({"weight_map":{"x":"1.safetensors","y":"2.safetensors","z":"3.safetensors"}})");
  EXPECT_EQ(message_of([&] { TensorFiles(folder.path()); }),
            (folder / "2.safetensors").string() + ": has no tensor \"y\", which model.safetensors.index.json puts there\n" + (folder / "3.safetensors").string() +
                ": cannot be opened: No such file or directory\n" + (folder / "2.safetensors").string() + ": holds tensor \"x\", which 1.safetensors holds too");
}

TEST(TensorFiles, AnIndexCannotLeaveItsFolder) {
  const TemporaryFolder folder;
  for (const char* name : {"../secret", "/etc/passwd", "..", "a/b", ""}) {
    folder.write("model.safetensors.index.json", std::string(R"({"weight_map":{"x":")") + name + "\"}}");
    EXPECT_NE(message_of([&] { TensorFiles(folder.path()); }).find("expected the name of a file in the same folder"), std::string::npos) << name;
  }
}

TEST(TensorFiles, AFolderWithoutTensorsIsAnError) {
  const TemporaryFolder folder;
  EXPECT_EQ(message_of([&] { TensorFiles(folder.path()); }), folder.path().string() + ": holds no model.safetensors and no model.safetensors.index.json");
}

TEST(TensorFiles, ReadsTheReferenceCheckpoints) {
  const auto shared = testing::shared_folder();
  if (!shared) GTEST_SKIP() << testing::kNoSharedFolder;
  const TensorFiles whole(*shared / "golden/models/llama-causal"), shards(*shared / "golden/models/llama-sharded");
  EXPECT_GT(shards.files().size(), 1u);
  ASSERT_EQ(shards.tensors().size(), whole.tensors().size());
  for (const Tensor& tensor : whole.tensors()) {
    const Tensor* other = shards.find(tensor.name);
    ASSERT_NE(other, nullptr) << tensor.name;
    EXPECT_EQ(other->shape, tensor.shape);
    EXPECT_TRUE(std::equal(tensor.bytes.begin(), tensor.bytes.end(), other->bytes.begin(), other->bytes.end())) << tensor.name;
  }
}

}  // namespace
}  // namespace temper::data
