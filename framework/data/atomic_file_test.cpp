// Files are replaced whole or not at all, and nothing is left behind.
#include "data/atomic_file.h"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include <temper/error.h>

#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper::data {
namespace {

using testing::message_of;
using testing::TemporaryFolder;

std::size_t files_in(const TemporaryFolder& folder) { return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder.path()), {})); }

TEST(AtomicFile, ReplacesTheOldContents) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "file", "old and longer");
  write_file_atomically(folder / "file", "new");
  EXPECT_EQ(folder.read("file"), "new");
  EXPECT_EQ(files_in(folder), 1u);
}

TEST(AtomicFile, KeepsTheOldContentsUntilTheCommit) {
  const TemporaryFolder folder;
  folder.write("file", "old");
  {
    AtomicReplacement replacement(folder / "file");
    std::ofstream(replacement.temporary()) << "half";
    EXPECT_EQ(folder.read("file"), "old");
  }
  EXPECT_EQ(folder.read("file"), "old");
  EXPECT_EQ(files_in(folder), 1u);
}

TEST(AtomicFile, ClearsAwayWhatAKilledWriterLeft) {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    const AtomicReplacement replacement(folder / "file");
    std::ofstream(replacement.temporary()) << "half";
    ::_exit(0);  // no destructor runs, as after kill -9
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  ASSERT_EQ(files_in(folder), 1u);
  const AtomicReplacement alive(folder / "file");
  std::ofstream(alive.temporary()) << "half";
  std::ofstream(folder / ".notes.tmp") << "the user's own";
  remove_leftovers(folder.path());
  EXPECT_EQ(files_in(folder), 2u);
  EXPECT_TRUE(std::filesystem::exists(alive.temporary()));
  remove_leftovers(folder / "absent");
}

TEST(AtomicFile, NamesTheFileThatCannotBeWritten) {
  const TemporaryFolder folder;
  const auto file = folder / "none" / "file";
  EXPECT_EQ(message_of([&] { write_file_atomically(file, "x"); }), file.string() + ": cannot be written: No such file or directory");
  std::filesystem::create_directory(folder / "taken");
  EXPECT_EQ(message_of([&] { write_file_atomically(folder / "taken", "x"); }), (folder / "taken").string() + ": cannot be written: Is a directory");
  EXPECT_EQ(files_in(folder), 1u);
}

TEST(AtomicFile, ReadsNoFileAboveTheLimit) {
  const TemporaryFolder folder;
  const auto file = folder.write("file", "12345");
  EXPECT_EQ(read_file(file), "12345");
  EXPECT_EQ(message_of([&] { read_file(file, 4); }), file.string() + ": has 5 bytes, expected at most 4");
}

}  // namespace
}  // namespace temper::data
