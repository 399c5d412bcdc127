// Contents count, names of folders and times do not.
#include "data/content_hash.h"

#include <gtest/gtest.h>

#include <temper/error.h>

#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper::data {
namespace {

using testing::message_of;
using testing::TemporaryFolder;

TEST(ContentHash, IsOfTheBytesAlone) {
  const TemporaryFolder folder;
  const std::string hash = content_hash(folder.write("a", "contents"));
  EXPECT_EQ(hash.size(), 32u);
  EXPECT_EQ(content_hash(folder.write("b", "contents")), hash);
  EXPECT_NE(content_hash(folder.write("c", "Contents")), hash);
  EXPECT_EQ(content_hash(folder.write("empty", "")), "99aa06d3014798d86001c324468d497f");  // XXH3's own test vector
}

TEST(ContentHash, SeesAFileThatWasRewritten) {
  const TemporaryFolder folder;
  const std::string before = content_hash(folder.write("a", "contents"));
  EXPECT_NE(content_hash(folder.write("a", "contents and more")), before);
}

TEST(ContentHash, OfAFolderIsOfItsNamesAndContents) {
  const TemporaryFolder one, two;
  for (const TemporaryFolder* folder : {&one, &two}) {
    folder->write("config.json", "{}");
    folder->write("sub/weights", "bytes");
  }
  one.write(".lock", "not part of it");
  const std::string hash = content_hash(one.path());
  EXPECT_EQ(content_hash(two.path()), hash);
  two.write("sub/weights", "other");
  EXPECT_NE(content_hash(two.path()), hash);
  two.write("sub/weights", "bytes");
  EXPECT_EQ(content_hash(two.path()), hash);
  std::filesystem::rename(two / "sub", two / "bus");
  EXPECT_NE(content_hash(two.path()), hash);
}

TEST(ContentHash, FollowsLinksToFiles) {
  const TemporaryFolder one, two;
  one.write("weights", "bytes");
  const auto blob = two.write(".blobs/1", "bytes");
  std::filesystem::create_symlink(blob, two / "weights");
  EXPECT_EQ(content_hash(one.path()), content_hash(two.path()));
}

TEST(ContentHash, NamesWhatCannotBeRead) {
  const TemporaryFolder folder;
  EXPECT_EQ(message_of([&] { content_hash(folder / "none"); }), (folder / "none").string() + ": cannot be opened: No such file or directory");
  std::filesystem::create_directory_symlink(folder.path(), folder / "loop");
  EXPECT_NE(message_of([&] { content_hash(folder.path()); }).find("is nested too deeply; does a link lead back?"), std::string::npos);
}

}  // namespace
}  // namespace temper::data
