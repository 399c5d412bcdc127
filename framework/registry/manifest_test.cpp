// Manifests read from files, none of which is loaded: right ones, and every way in which a file can be no library.
#include "registry/manifest.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <temper/kinds.h>

#include <cstring>

#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper::registry {
namespace {

using temper::testing::message_of;
using temper::testing::TemporaryFolder;

const std::filesystem::path kBad = TEMPER_BAD_PLUGIN_DIRECTORY;

std::string good_library() {
  std::ostringstream bytes;
  bytes << std::ifstream(kBad / "libgood.so", std::ios::binary).rdbuf();
  return bytes.str();
}

Elf64_Ehdr header_of(const std::string& library) {
  Elf64_Ehdr header;
  std::memcpy(&header, library.data(), sizeof header);
  return header;
}

// What reading a library says whose header was changed.
template <class Change>
std::string with_header(Change change) {
  const TemporaryFolder folder;
  std::string bytes = good_library();
  Elf64_Ehdr header = header_of(bytes);
  change(header);
  std::memcpy(bytes.data(), &header, sizeof header);
  const auto file = folder.write("libx.so", bytes);
  return message_of([&] { read_manifest(file); });
}

// The same for the header of the section .temper_manifest.
template <class Change>
std::string with_manifest_section(Change change) {
  const TemporaryFolder folder;
  std::string bytes = good_library();
  const Elf64_Ehdr header = header_of(bytes);
  const std::string found = *read_section(kBad / "libgood.so", ".temper_manifest");
  for (int i = 0; i < header.e_shnum; ++i) {
    char* at = bytes.data() + header.e_shoff + static_cast<std::size_t>(i) * sizeof(Elf64_Shdr);
    Elf64_Shdr section;
    std::memcpy(&section, at, sizeof section);
    if (section.sh_type != SHT_PROGBITS || bytes.compare(section.sh_offset, 15, "temper-plugin 1") != 0) continue;
    change(section);
    std::memcpy(at, &section, sizeof section);
  }
  const auto file = folder.write("libx.so", bytes);
  return message_of([&] { read_manifest(file); });
}

TEST(Manifest, TellsWhatALibraryIs) {
  const Manifest manifest = read_manifest(kBad / "libgood.so");
  EXPECT_EQ(manifest.kind, "metric");
  EXPECT_EQ(manifest.name, "good");
  EXPECT_EQ(manifest.summary, "Counts items.");
  EXPECT_EQ(manifest.interface_version, TEMPER_INTERFACE_Metric);
  EXPECT_EQ(manifest.torch, "");
  EXPECT_EQ(manifest.abi, this_host().abi);
  EXPECT_THAT(manifest.claims, ::testing::ElementsAre("first-claim", "second/claim"));
}

TEST(Manifest, IsMissedInALibraryThatIsNoPlugin) {
  EXPECT_EQ(message_of([] { read_manifest(kBad / "libno_manifest.so"); }),
            "libno_manifest.so: no temper plugin: it has no manifest\n    end its source with TEMPER_PLUGIN(...), or remove it from the plugin folder");
}

TEST(Manifest, IsNotLookedForInWhatIsNoLibrary) {
  EXPECT_EQ(message_of([] { read_manifest(kBad / "libno_library.so"); }),
            "libno_library.so: no shared library (it does not begin as an ELF file does)");
  const TemporaryFolder folder;
  const auto empty = folder.write("libempty.so", "");
  EXPECT_EQ(message_of([&] { read_manifest(empty); }), "libempty.so: no shared library (it does not begin as an ELF file does)");
  EXPECT_THAT(message_of([&] { read_manifest(folder / "libabsent.so"); }), ::testing::StartsWith("libabsent.so: cannot be read: "));
  std::filesystem::create_directory(folder / "libfolder.so");
  EXPECT_THAT(message_of([&] { read_manifest(folder / "libfolder.so"); }), ::testing::StartsWith("libfolder.so: cannot be read: "));
}

TEST(Manifest, IsNotReadFromLibrariesForOtherMachines) {
  EXPECT_EQ(with_header([](Elf64_Ehdr& h) { h.e_ident[EI_CLASS] = ELFCLASS32; }), "libx.so: a 32-bit library, this temper is 64-bit\n    build it for this machine");
  EXPECT_EQ(with_header([](Elf64_Ehdr& h) { h.e_ident[EI_DATA] = ELFDATA2MSB; }), "libx.so: a library for a big-endian machine\n    build it for this machine");
  EXPECT_THAT(with_header([](Elf64_Ehdr& h) { h.e_machine = EM_RISCV; }), ::testing::StartsWith("libx.so: built for another machine (ELF machine 243, "));
  EXPECT_EQ(with_header([](Elf64_Ehdr& h) { h.e_type = ET_EXEC; }), "libx.so: no shared library (ELF type 2, wanted 3)");
}

TEST(Manifest, SurvivesACutAtEveryPlace) {
  const TemporaryFolder folder;
  const std::string bytes = good_library();
  for (std::size_t size = 1; size < bytes.size(); size += size < 200 ? 1 : 501) {
    const auto file = folder.write("libx.so", std::string_view(bytes).substr(0, size));
    EXPECT_NE(message_of([&] { read_manifest(file); }), "no error") << size;
  }
}

TEST(Manifest, DoesNotBelieveHeadersThatLie) {
  EXPECT_THAT(with_header([](Elf64_Ehdr& h) { h.e_shoff = ~0ull - 10; }), ::testing::HasSubstr("its headers lie: its section headers would end behind the file's"));
  EXPECT_THAT(with_header([](Elf64_Ehdr& h) { h.e_shnum = 60000; }), ::testing::HasSubstr("its headers lie"));
  EXPECT_THAT(with_header([](Elf64_Ehdr& h) { h.e_shentsize = 3; }), ::testing::HasSubstr("its headers lie: a section header of 3 bytes, wanted 64"));
  EXPECT_THAT(with_header([](Elf64_Ehdr& h) { h.e_shstrndx = 200; }), ::testing::HasSubstr("its headers lie: section names in section 200"));
  EXPECT_THAT(with_header([](Elf64_Ehdr& h) { h.e_shoff = 0; }), ::testing::HasSubstr("it has no manifest"));
  EXPECT_THAT(with_manifest_section([](Elf64_Shdr& s) { s.sh_offset = ~0ull - 3; }), ::testing::HasSubstr("its headers lie: a section would end behind"));
  EXPECT_THAT(with_manifest_section([](Elf64_Shdr& s) { s.sh_size = 1ull << 40; }), ::testing::HasSubstr("at most 65536 make sense"));
  EXPECT_THAT(with_manifest_section([](Elf64_Shdr& s) { s.sh_size = 1; }), ::testing::HasSubstr("its manifest begins with \"t\", wanted \"temper-plugin 1\""));
  EXPECT_THAT(with_manifest_section([](Elf64_Shdr& s) { s.sh_size = 30; }), ::testing::HasSubstr("\"\" is no name for a plugin"));
  EXPECT_THAT(with_manifest_section([](Elf64_Shdr& s) { s.sh_name = 1u << 30; }), ::testing::HasSubstr("it has no manifest"));
}

std::string misfit_of(Manifest manifest) {
  const Host host = {"abi-1", "2.7.1", [](std::string_view kind) { return kind == "model" ? std::optional(3) : std::nullopt; }};
  const std::optional<Problem> problem = misfit(manifest, "/plugins/libgpt2.so", host);
  return problem ? describe(*problem) : "";
}

TEST(Misfit, NamesTheVersionFoundAndTheOneWanted) {
  EXPECT_EQ(misfit_of({.kind = "model", .name = "gpt2", .interface_version = 3, .abi = "abi-1", .torch = "2.7.1"}), "");
  EXPECT_EQ(misfit_of({.kind = "model", .name = "gpt2", .interface_version = 3, .abi = "abi-1", .torch = "2.6.0"}),
            "libgpt2.so: built for libtorch 2.6.0, this temper runs 2.7.1\n    rebuild it: cmake --build build --target gpt2");
  EXPECT_EQ(misfit_of({.kind = "model", .name = "gpt2", .interface_version = 2, .abi = "abi-1", .torch = "2.6.0"}),
            "libgpt2.so: built for version 2 of the model interface, this temper has version 3\n    rebuild it: cmake --build build --target gpt2");
  EXPECT_EQ(misfit_of({.kind = "model", .name = "gpt2", .interface_version = 3, .abi = "abi-0"}),
            "libgpt2.so: built for the C++ ABI abi-0, this temper has abi-1\n    rebuild it: cmake --build build --target gpt2 with the compiler that built temper");
  EXPECT_EQ(misfit_of({.kind = "oracle", .name = "x", .interface_version = 9, .abi = "abi-1"}), "");
}

}  // namespace
}  // namespace temper::registry
