// Arrays of plugins: what was written is read, and nothing else.
#include <temper/array_file.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ArrayFile : public ::testing::Test {
 protected:
  ArrayFile() {
    const std::vector<float> floats = {1, 2, 3, 4, 5, 6};
    const std::vector<std::int64_t> integers = {7, 8};
    ArrayWriter writer;
    writer.add<float>("floats", {2, 3}, floats);
    writer.add<std::int64_t>("integers", {2}, integers);
    writer.add<double>("none", {0, 4}, {});
    writer.write(file_);
  }
  std::string problem(const std::string& name, const std::vector<std::int64_t>& shape) const {
    return testing::message_of([&] { ArrayReader(file_).read<float>(name, shape); });
  }
  testing::TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "arrays.safetensors";
};

TEST_F(ArrayFile, GivesBackWhatWasWritten) {
  const ArrayReader reader(file_);
  std::vector<std::int64_t> shape = {-1, -1};
  EXPECT_THAT(reader.read<float>("floats", shape), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(shape, ElementsAre(2, 3));
  EXPECT_THAT(reader.read<std::int64_t>("integers", {2}), ElementsAre(7, 8));
  EXPECT_TRUE(reader.read<double>("none", {-1, 4}).empty());
}
TEST_F(ArrayFile, TellsWhatDoesNotFit) {
  EXPECT_THAT(problem("other", {2, 3}), HasSubstr("arrays.safetensors: has no array \"other\""));
  EXPECT_THAT(problem("integers", {2}), HasSubstr("as I64, expected F32"));
  EXPECT_THAT(problem("floats", {-1, 4}), HasSubstr("with the shape [2, 3], expected [any, 4]"));
  EXPECT_THAT(problem("floats", {6}), HasSubstr("expected [6]"));
}
TEST_F(ArrayFile, RefusesAFileThatIsCutShort) {
  std::filesystem::resize_file(file_, std::filesystem::file_size(file_) - 1);
  EXPECT_THAT(problem("floats", {2, 3}), HasSubstr("arrays.safetensors"));
}
TEST_F(ArrayFile, RefusesNumbersThatDoNotFillTheirShape) {
  ArrayWriter writer;
  const std::vector<float> floats = {1, 2, 3};
  writer.add<float>("floats", {2, 2}, floats);
  EXPECT_THAT(testing::message_of([&] { writer.write(file_); }), HasSubstr("which its dtype and shape do not give"));
}

}  // namespace
}  // namespace temper
