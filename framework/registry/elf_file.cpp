// ElfFile. The layout is that of the System V ABI, chapter 4 (object files), as <elf.h> declares it.
#include "registry/elf_file.h"

#include <cerrno>
#include <cstring>

#include <temper/error.h>

namespace temper::registry {

namespace {

constexpr std::uint64_t kMaxSectionBytes = 64 * 1024;     // a manifest is a few lines
constexpr std::uint64_t kMaxNamesBytes = 16 * 1024 * 1024;
constexpr std::uint64_t kMaxSections = 1'000'000;

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
#else
constexpr Elf64_Half kMachine = EM_NONE;  // not checked: the loader will
#endif

}  // namespace

ElfFile::ElfFile(const std::filesystem::path& file) : file_(file) {
  std::error_code error;
  size_ = std::filesystem::file_size(file, error);
  if (error) fail("cannot be read: " + error.message());
  errno = 0;
  stream_.open(file, std::ios::binary);
  if (!stream_) fail(std::string("cannot be read: ") + std::strerror(errno));
  const std::string magic = read(0, std::min<std::uint64_t>(size_, EI_NIDENT), "its first bytes");
  if (magic.compare(0, SELFMAG, ELFMAG) != 0) fail("no shared library (it does not begin as an ELF file does)");
  if (magic.size() < EI_NIDENT) fail("cut off within its header, after " + std::to_string(size_) + " bytes", "build it again");
  if (magic[EI_CLASS] != ELFCLASS64) fail("a 32-bit library, this temper is 64-bit", "build it for this machine");
  if (magic[EI_DATA] != ELFDATA2LSB) fail("a library for a big-endian machine", "build it for this machine");
  const std::string header = read(0, sizeof header_, "its header");
  std::memcpy(&header_, header.data(), sizeof header_);
  if (header_.e_type != ET_DYN) fail("no shared library (ELF type " + std::to_string(header_.e_type) + ", wanted 3)");
  if (kMachine != EM_NONE && header_.e_machine != kMachine)
    fail("built for another machine (ELF machine " + std::to_string(header_.e_machine) + ", this one is " + std::to_string(kMachine) + ")",
         "build it for this machine");
  read_section_headers();
}

void ElfFile::fail(const std::string& what, const std::string& remedy) const {
  throw Error({Problem{{file_.filename().string(), 0, 0}, what, remedy}});
}

std::string ElfFile::read(std::uint64_t offset, std::uint64_t size, const char* what) {
  if (offset > size_ || size > size_ - offset)
    fail(std::string("cut off, or its headers lie: ") + what + " would end behind the file's " + std::to_string(size_) + " bytes", "build it again");
  std::string bytes(size, '\0');
  stream_.clear();
  stream_.seekg(static_cast<std::streamoff>(offset));
  if (!stream_.read(bytes.data(), static_cast<std::streamsize>(size))) fail(std::string("cannot be read: ") + what);
  return bytes;
}

void ElfFile::read_section_headers() {
  if (header_.e_shoff == 0) return;  // a library without sections: no manifest then
  if (header_.e_shentsize != sizeof(Elf64_Shdr))
    fail("its headers lie: a section header of " + std::to_string(header_.e_shentsize) + " bytes, wanted " + std::to_string(sizeof(Elf64_Shdr)));
  // Numbers that do not fit are kept in the first section header.
  Elf64_Shdr first;
  std::memcpy(&first, read(header_.e_shoff, sizeof first, "its section headers").data(), sizeof first);
  const std::uint64_t count = header_.e_shnum ? header_.e_shnum : first.sh_size;
  const std::uint64_t names = header_.e_shstrndx == SHN_XINDEX ? first.sh_link : header_.e_shstrndx;
  if (count > kMaxSections) fail("its headers lie: " + std::to_string(count) + " sections");
  const std::string bytes = read(header_.e_shoff, count * sizeof(Elf64_Shdr), "its section headers");
  sections_.resize(count);
  if (count) std::memcpy(sections_.data(), bytes.data(), bytes.size());
  if (names == SHN_UNDEF) return;
  if (names >= count) fail("its headers lie: section names in section " + std::to_string(names) + " of " + std::to_string(count));
  if (sections_[names].sh_size > kMaxNamesBytes) fail("its headers lie: section names of " + std::to_string(sections_[names].sh_size) + " bytes");
  names_ = read(sections_[names].sh_offset, sections_[names].sh_size, "its section names");
}

std::optional<std::string> ElfFile::section(std::string_view name) {
  for (const Elf64_Shdr& section : sections_) {
    if (section.sh_name >= names_.size()) continue;
    const std::string_view rest = std::string_view(names_).substr(section.sh_name);
    if (rest.substr(0, rest.find('\0')) != name || section.sh_type == SHT_NOBITS) continue;
    if (section.sh_size > kMaxSectionBytes)
      fail("its section " + std::string(name) + " has " + std::to_string(section.sh_size) + " bytes, at most " + std::to_string(kMaxSectionBytes) + " make sense");
    return read(section.sh_offset, section.sh_size, "a section");
  }
  return std::nullopt;
}

}  // namespace temper::registry
