// Lines from a file or from standard input ("-" or nothing).
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <temper/error.h>

namespace temper::cli {

class InputLines {
 public:
  explicit InputLines(const std::string& path) : name_(path.empty() || path == "-" ? "standard input" : path) {
    if (name_ == path) {
      file_.open(path, std::ios::binary);
      if (!file_) throw Error(path + " cannot be read");
    }
  }
  std::istream& stream() { return file_.is_open() ? static_cast<std::istream&>(file_) : std::cin; }
  const std::string& name() const { return name_; }

  // How many lines there are that are not empty, where it can be told beforehand.
  std::optional<std::int64_t> count() const {
    std::error_code error;
    if (!file_.is_open() || !std::filesystem::is_regular_file(name_, error)) return {};  // a pipe can be read once
    std::ifstream file(name_, std::ios::binary);
    std::vector<char> piece(1 << 20);
    std::int64_t lines = 0;
    char last = '\n';
    while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
      for (std::streamsize i = 0; i < file.gcount(); ++i) {
        const char c = piece[static_cast<std::size_t>(i)];
        if (last == '\n' && c != '\n') ++lines;
        last = c;
      }
    }
    return lines;
  }

 private:
  std::string name_;
  std::ifstream file_;
};

}  // namespace temper::cli
