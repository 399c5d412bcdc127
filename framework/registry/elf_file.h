// Bounds-checked access to the sections of a 64-bit ELF file.
#pragma once

#include <elf.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace temper::registry {

class ElfFile {
 public:
  // Throws Error for what is no library for this machine, is cut off, or whose headers point outside the file.
  explicit ElfFile(const std::filesystem::path& file);
  // The bytes of a section; nothing when there is none of that name. Throws Error for one that lies outside or is too large to
  // be what we look for.
  std::optional<std::string> section(std::string_view name);

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& remedy = {}) const;
  std::string read(std::uint64_t offset, std::uint64_t size, const char* what);
  void read_section_headers();

  std::filesystem::path file_;
  std::ifstream stream_;
  std::uint64_t size_ = 0;  // bytes
  Elf64_Ehdr header_{};
  std::vector<Elf64_Shdr> sections_;
  std::string names_;
};

}  // namespace temper::registry
