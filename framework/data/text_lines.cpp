// Marks of encodings, then line after line.
#include <temper/text_lines.h>

#include <algorithm>
#include <string>

#include <temper/error.h>

namespace temper {

std::size_t text_begin(const MappedFile& file) {
  const std::string_view bytes = file.bytes();
  const auto refuse = [&](const std::string& encoding) { throw Error({{{file.path().string(), 1}, "is " + encoding + ", expected UTF-8", "convert it: iconv -f " + encoding + " -t UTF-8"}}); };
  if (bytes.starts_with(std::string_view("\xFF\xFE\0\0", 4)) || bytes.starts_with(std::string_view("\0\0\xFE\xFF", 4))) refuse("UTF-32");
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) refuse("UTF-16");
  if (bytes.size() >= 4 && bytes[1] == '\0' && bytes[3] == '\0' && bytes[0] != '\0') refuse(bytes[2] == '\0' ? "UTF-32LE" : "UTF-16LE");
  if (bytes.size() >= 4 && bytes[0] == '\0' && bytes[2] == '\0' && bytes[1] != '\0') refuse("UTF-16BE");
  return bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0;
}

bool TextLines::next(TextLine& line) {
  if (at_ >= bytes_.size()) return false;
  const std::size_t end = std::min(bytes_.find('\n', at_), bytes_.size());
  line.begin = at_;
  line.text = bytes_.substr(at_, end - at_);
  if (line.text.ends_with('\r')) line.text.remove_suffix(1);
  line.number = ++number_;
  at_ = end + 1;
  return true;
}

}  // namespace temper
