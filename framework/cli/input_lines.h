// Lines from a file or from standard input ("-" or nothing).
#pragma once

#include <fstream>
#include <iostream>
#include <memory>
#include <string>

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

 private:
  std::string name_;
  std::ifstream file_;
};

}  // namespace temper::cli
