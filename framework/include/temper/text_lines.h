// The lines of a text file, and the encodings that are refused by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <temper/mapped_file.h>

namespace temper {

// Where the text begins: behind a byte order mark of UTF-8. Throws Error for UTF-16 and UTF-32, known by their marks or zero bytes.
std::size_t text_begin(const MappedFile& file);

struct TextLine {
  std::size_t begin = 0;    // in bytes of the file
  std::string_view text;    // without its line break (\n or \r\n)
  std::int64_t number = 0;  // from 1
  bool is_blank() const { return text.find_first_not_of(" \t\r\v\f") == std::string_view::npos; }
};

class TextLines {
 public:
  explicit TextLines(const MappedFile& file) : bytes_(file.bytes()), at_(text_begin(file)) {}
  bool next(TextLine& line);  // false at the end; the text is not checked to be UTF-8

 private:
  std::string_view bytes_;
  std::size_t at_;
  std::int64_t number_ = 0;
};

}  // namespace temper
