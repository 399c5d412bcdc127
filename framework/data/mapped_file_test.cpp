// Files small and large, and what is no file.
#include <temper/mapped_file.h>

#include <gtest/gtest.h>

#include <temper/error.h>

#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper {
namespace {

using testing::message_of;
using testing::TemporaryFolder;

TEST(MappedFile, GivesTheBytesOfSmallAndLargeFiles) {
  const TemporaryFolder folder;
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{70'000}, std::size_t{17} << 20}) {
    std::string bytes(size, 'x');
    if (size > 0) bytes.front() = 'a', bytes.back() = 'z';
    EXPECT_TRUE(MappedFile(folder.write("file", bytes)).bytes() == bytes) << size;
  }
}

TEST(MappedFile, KeepsPrivateWritesToItself) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.write("file", std::string(std::size_t{17} << 20, 'x'));
  EXPECT_EQ(MappedFile(path).private_bytes(), nullptr);
  EXPECT_EQ(MappedFile(folder.write("small", "bytes"), MappedFile::Access::kPrivateWrites).private_bytes(), nullptr);
  const std::shared_ptr<char> bytes = MappedFile(path, MappedFile::Access::kPrivateWrites).private_bytes();  // outlives the file's object
  bytes.get()[5] = 'y';
  EXPECT_EQ(bytes.get()[5], 'y');
  EXPECT_EQ(MappedFile(path).bytes()[5], 'x');
}

TEST(MappedFile, CopiesOutliveTheOriginal) {
  const TemporaryFolder folder;
  auto original = std::make_unique<MappedFile>(folder.write("file", "bytes"));
  const MappedFile copy = *original;
  original.reset();
  EXPECT_EQ(copy.bytes(), "bytes");
}

TEST(MappedFile, NamesWhatCannotBeOpened) {
  const TemporaryFolder folder;
  EXPECT_EQ(message_of([&] { MappedFile(folder / "none"); }), (folder / "none").string() + ": cannot be opened: No such file or directory");
  EXPECT_EQ(message_of([&] { MappedFile(folder.path()); }), folder.path().string() + ": is a folder, expected a file");
  EXPECT_EQ(message_of([&] { MappedFile("/dev/zero"); }), "/dev/zero: is a device, expected a file");
}

}  // namespace
}  // namespace temper
