// Byte offsets of a text turned into lines and columns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <temper/error.h>

namespace temper::options {

// Offsets must be asked for in ascending order, so that a whole file is counted once. Columns count characters, not bytes.
class PlaceCounter {
 public:
  PlaceCounter(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}
  Place at(std::size_t offset) {
    for (; position_ < offset && position_ < text_.size(); ++position_) {
      const unsigned char byte = static_cast<unsigned char>(text_[position_]);
      if (byte == '\n') {
        ++line_;
        column_ = 1;
      } else if ((byte & 0xC0) != 0x80) {  // not a continuation byte of UTF-8
        ++column_;
      }
    }
    return {file_, line_, column_};
  }

 private:
  std::string_view text_;
  std::string file_;
  std::size_t position_ = 0;
  int line_ = 1, column_ = 1;
};

}  // namespace temper::options
