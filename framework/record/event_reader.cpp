// Reads events.jsonl while it grows.
#include <fstream>

#include <temper/error.h>

#include "record/event_line.h"
#include "record/event_log.h"

namespace temper::record {

namespace {

std::string bytes_from(std::ifstream& stream, std::int64_t offset) {
  stream.clear();
  stream.seekg(offset);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

std::vector<Event> EventReader::poll() {
  restarted_ = false;
  std::ifstream stream(file_, std::ios::binary);
  if (!stream) return {};
  // The last line that was read must still stand there: otherwise the file was cut in between, and may have grown again.
  std::string text = bytes_from(stream, offset_ - static_cast<std::int64_t>(last_line_.size()));
  if (text.starts_with(last_line_)) {
    text.erase(0, last_line_.size());
  } else {
    restarted_ = true;
    offset_ = 0;
    line_ = 0;
    last_line_.clear();
    text = bytes_from(stream, 0);
  }
  std::vector<Event> events;
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string_view line(text.data() + begin, end - begin);
    const std::string where = file_.string() + ":" + std::to_string(line_ + 1);
    if (line_ == 0) check_header(line, where);
    else events.push_back(from_line(line, where));
    ++line_;
    last_line_ = std::string(line) + '\n';
    offset_ += static_cast<std::int64_t>(last_line_.size());
  }
  return events;
}

std::vector<Event> read_events(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) throw Error(file.string() + ": there is no such file");
  EventReader reader(file);
  return reader.poll();
}

}  // namespace temper::record
