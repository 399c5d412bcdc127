// What the HDF5 wrapper keeps, and how it fails.
#include "record/hdf5.h"

#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include <temper/error.h>

#include "support/temporary_folder.h"

namespace temper::record {
namespace {

using temper::testing::TemporaryFolder;

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

template <typename F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

void write_sample(const std::filesystem::path& file) {
  write_hdf5(file, [](Hdf5Group& root) {
    Hdf5Group group = root.create_group("a/b");
    group.write("floats", std::vector<double>{0.1, -0.0, NAN, INFINITY}, {"some floats", "nat"});
    group.write("integers", std::vector<std::int64_t>{-1, INT64_MAX}, {"some integers", ""});
    group.write("strings", std::vector<std::string>{"", "Gefühl 👍"}, {"some strings", ""});
    group.write("bools", Hdf5Bools{{1, 0}}, {"some bools", ""});
    group.write_matrix("matrix", std::vector<double>{1, 2, 3, 4, 5, 6}, 2, 3, {"a matrix", ""});
    group.write_text("text", "one\ntext", {"a text", ""});
    group.write("nothing", std::vector<std::string>{}, {"no rows", ""});
    group.set_attribute("yes", true);
    group.set_attribute("number", std::int64_t{42});
    group.set_attribute("share", 0.25);
    group.set_attribute("name", std::string("größer"));
    group.set_attribute("names", std::vector<std::string>{"a", ""});
    group.set_attribute("none", std::vector<std::string>{});
    group.set_attribute("sizes", std::vector<std::int64_t>{1, 2});
  });
}

TEST(Hdf5, GivesBackWhatWasWritten) {
  const TemporaryFolder folder;
  write_sample(folder / "x.h5");
  const Hdf5File file = Hdf5File::open(folder / "x.h5");
  const Hdf5Group group = file.group("a/b");
  const std::vector<double> floats = group.read_floats("floats");
  ASSERT_EQ(floats.size(), 4u);
  EXPECT_EQ(floats[0], 0.1);
  EXPECT_TRUE(std::signbit(floats[1]));
  EXPECT_TRUE(std::isnan(floats[2]));
  EXPECT_EQ(floats[3], INFINITY);
  EXPECT_EQ(group.read_integers("integers"), (std::vector<std::int64_t>{-1, INT64_MAX}));
  EXPECT_EQ(group.read_strings("strings"), (std::vector<std::string>{"", "Gefühl 👍"}));
  EXPECT_EQ(std::get<Hdf5Bools>(group.read("bools")), (Hdf5Bools{{1, 0}}));
  EXPECT_EQ(group.shape("matrix"), (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(group.read_floats("matrix"), (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(group.read_text("text"), "one\ntext");
  EXPECT_TRUE(group.read_strings("nothing").empty());
  EXPECT_EQ(group.attribute("yes"), Hdf5Attribute(true));
  EXPECT_EQ(group.integer_attribute("number"), 42);
  EXPECT_EQ(group.float_attribute("share"), 0.25);
  EXPECT_EQ(group.string_attribute("name"), "größer");
  EXPECT_EQ(group.attribute("names"), Hdf5Attribute(std::vector<std::string>{"a", ""}));
  EXPECT_EQ(group.attribute("none"), Hdf5Attribute(std::vector<std::string>{}));
  EXPECT_EQ(group.attribute("sizes"), Hdf5Attribute(std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(group.attribute("units", "floats"), Hdf5Attribute(std::string("nat")));
  EXPECT_EQ(group.attribute("units", "integers"), std::nullopt);
}

TEST(Hdf5, StoresTextThatIsNoUtf8OrHoldsNulAsWhatCanBeRead) {
  const TemporaryFolder folder;
  write_hdf5(folder / "x.h5", [](Hdf5Group& root) {
    root.write("strings", std::vector<std::string>{std::string("a\0b", 3), "a\xFF z", "\xE2\x82"}, {"strings", ""});
  });
  EXPECT_EQ(Hdf5File::open(folder / "x.h5").read_strings("strings"),
            (std::vector<std::string>{"a\u2400b", "a\uFFFD z", "\uFFFD\uFFFD"}));
}

TEST(Hdf5, WritesTheSameBytesForTheSameContents) {
  const TemporaryFolder folder;
  write_sample(folder / "x.h5");
  write_sample(folder / "y.h5");
  EXPECT_EQ(bytes_of(folder / "x.h5"), bytes_of(folder / "y.h5"));
}

TEST(Hdf5, KeepsManyAttributesAndMembersInOneGroup) {
  const TemporaryFolder folder;
  write_hdf5(folder / "x.h5", [](Hdf5Group& root) {
    Hdf5Group group = root.create_group("wide");
    for (int i = 0; i < 500; ++i) {
      group.set_attribute("a" + std::to_string(i), std::string("value"));
      group.write("d" + std::to_string(i), std::vector<std::int64_t>{i}, {"column", ""});
    }
  });
  const Hdf5File file = Hdf5File::open(folder / "x.h5");
  EXPECT_EQ(file.group("wide").attributes().size(), 500u);
  EXPECT_EQ(file.group("wide").names().size(), 500u);
  write_hdf5(folder / "copy.h5", [&](Hdf5Group& root) { root.copy_from(file, "wide", "wide"); });
  const Hdf5Group copy = Hdf5File::open(folder / "copy.h5").group("wide");
  EXPECT_EQ(copy.attributes().at("a499"), Hdf5Attribute(std::string("value")));
  EXPECT_EQ(copy.read_integers("d499"), (std::vector<std::int64_t>{499}));
}

TEST(Hdf5, NamesFileAndObjectInErrors) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "x.h5";
  write_sample(path);
  const Hdf5File file = Hdf5File::open(path);
  EXPECT_EQ(message_of([&] { file.group("a/c"); }), path.string() + ": /a/c: there is no such group");
  EXPECT_EQ(message_of([&] { file.group("a/b/floats/deeper"); }), path.string() + ": /a/b/floats/deeper: there is no such group");
  EXPECT_EQ(message_of([&] { file.group("a").read("b/lacking"); }), path.string() + ": /a/b/lacking: there is no such dataset");
  EXPECT_EQ(message_of([&] { file.read_integers("a/b/floats"); }), path.string() + ": /a/b/floats: it should hold integers");
  EXPECT_EQ(message_of([&] { file.group("a/b").integer_attribute("share"); }), path.string() + ": /a/b@share: it should be an integer");
}

TEST(Hdf5, SaysWhyAFileCannotBeOpened) {
  const TemporaryFolder folder;
  EXPECT_EQ(message_of([&] { Hdf5File::open(folder / "absent.h5"); }), (folder / "absent.h5").string() + ": there is no such file");
  std::ofstream(folder / "text.h5") << "this is no HDF5";
  EXPECT_NE(message_of([&] { Hdf5File::open(folder / "text.h5"); }).find("text.h5: it cannot be read as an HDF5 file"), std::string::npos);
  std::ofstream(folder / "empty.h5");
  EXPECT_NE(message_of([&] { Hdf5File::open(folder / "empty.h5"); }).find("it may be cut short"), std::string::npos);
}

TEST(Hdf5, RefusesAFileThatIsCutAnywhere) {
  const TemporaryFolder folder;
  write_sample(folder / "x.h5");
  const std::string whole = bytes_of(folder / "x.h5");
  constexpr std::size_t kSeal = 16;  // without it the content is whole
  for (std::size_t size = 0; size < whole.size() - kSeal; size += 97) {
    std::ofstream(folder / "cut.h5", std::ios::binary | std::ios::trunc).write(whole.data(), static_cast<std::streamsize>(size));
    EXPECT_THROW(Hdf5File::open(folder / "cut.h5"), Error) << size << " of " << whole.size() << " bytes";
  }
}

// Reads all that a file holds.
void read_everything(const Hdf5Group& group) {
  group.attributes();
  for (const std::string& name : group.names()) {
    group.attributes(name);
    if (group.has_group(name)) read_everything(group.group(name));
    else group.read(name);
  }
}

TEST(Hdf5, RefusesAFileWithADamagedByteBeforeTheLibraryReadsIt) {
  const TemporaryFolder folder;
  write_sample(folder / "x.h5");
  const std::string whole = bytes_of(folder / "x.h5");
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::string damaged = whole;
    damaged[random() % (whole.size() - 16)] ^= static_cast<char>(1 + random() % 255);
    std::ofstream(folder / "damaged.h5", std::ios::binary | std::ios::trunc) << damaged;
    const std::string message = message_of([&] { Hdf5File::open(folder / "damaged.h5"); });
    EXPECT_EQ(message.find((folder / "damaged.h5").string() + ": its checksum does not fit its content"), 0u);
  }
}

TEST(Hdf5, ReadsAFileThatAnotherProgramHasRewrittenWithoutASeal) {
  const TemporaryFolder folder;
  write_sample(folder / "x.h5");
  std::filesystem::resize_file(folder / "x.h5", std::filesystem::file_size(folder / "x.h5") - 16);
  read_everything(Hdf5File::open(folder / "x.h5"));
}

TEST(Hdf5, LeavesNothingInAFolderThatDoesNotExist) {
  const TemporaryFolder folder;
  EXPECT_NE(message_of([&] { write_sample(folder / "absent/x.h5"); }).find("absent/x.h5"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Hdf5, KeepsTheOldFileWhenFillingFails) {
  const TemporaryFolder folder;
  write_sample(folder / "x.h5");
  const std::string before = bytes_of(folder / "x.h5");
  EXPECT_THROW(write_hdf5(folder / "x.h5",
                          [](Hdf5Group& root) {
                            root.create_group("half");
                            throw Error("no");
                          }),
               Error);
  EXPECT_EQ(bytes_of(folder / "x.h5"), before);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

// A limit on the size of files is met at the same place as the end of a disk: write() fails in the middle.
class NoRoom {
 public:
  explicit NoRoom(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~NoRoom() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, SIG_DFL);
  }

 private:
  rlimit before_{};
};

TEST(Hdf5, KeepsTheOldFileWhenTheDiskIsFull) {
  const TemporaryFolder folder;
  write_sample(folder / "x.h5");
  const std::string before = bytes_of(folder / "x.h5");
  std::string message;
  {
    const NoRoom limit(1000);
    message = message_of([&] {
      write_hdf5(folder / "x.h5", [](Hdf5Group& root) { root.write("much", std::vector<double>(10000, 1.0), {"much", ""}); });
    });
  }
  EXPECT_NE(message.find("x.h5"), std::string::npos) << message;
  EXPECT_NE(message.find("File too large"), std::string::npos) << message;
  EXPECT_EQ(bytes_of(folder / "x.h5"), before);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
  write_sample(folder / "x.h5");  // and goes on when there is room again
  read_everything(Hdf5File::open(folder / "x.h5"));
}

}  // namespace
}  // namespace temper::record
