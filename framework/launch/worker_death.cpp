// See worker_death.h.
#include "launch/worker_death.h"

#include <sys/wait.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <vector>

#include <temper/utf8.h>

#include "launch/backtrace.h"
#include "launch/worker_process.h"

namespace temper::launch {

namespace {

constexpr std::uintmax_t kMostBytes = 64 << 10;
constexpr std::size_t kLongestLine = 500;  // bytes
constexpr std::ptrdiff_t kLines = 20;
constexpr std::size_t kFrames = 20;

// Valid UTF-8 without control characters, cut.
std::string shown(std::string_view line) {
  std::string text;
  while (!line.empty() && text.size() < kLongestLine) {
    const std::size_t valid = std::min(valid_utf8_prefix(line), kLongestLine);
    for (const char c : line.substr(0, valid))
      if (static_cast<unsigned char>(c) >= 0x20 || c == '\t') text += c;
    line.remove_prefix(std::min(line.size(), valid + 1));
  }
  text.resize(valid_utf8_prefix(text));
  if (text.size() >= kLongestLine) text += " ...";
  return text;
}

// Its last whole lines; the first one may have been cut.
std::vector<std::string> last_lines(const std::filesystem::path& file, std::uintmax_t begin) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error || size <= begin) return {};
  std::ifstream in(file, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(std::max(begin, size - std::min(size, kMostBytes))));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(shown(line));
  return lines;
}

std::string joined(std::vector<std::string>::const_iterator begin, std::vector<std::string>::const_iterator end) {
  std::string text;
  for (; begin != end; ++begin) text += (text.empty() ? "" : "\n") + *begin;
  return text;
}

std::string how_it_ended(const WorkerDeath& death) {
  if (!death.over_limit.empty()) return "the trial " + death.over_limit + ", and its worker was ended";
  const std::string end = "the worker " + describe_exit(death.wait_status);
  if (WIFEXITED(death.wait_status)) return end + " in the middle of the trial: something in it called exit";
  if (WIFSIGNALED(death.wait_status) && WTERMSIG(death.wait_status) == SIGKILL)
    return end + ", " + (death.memory_ran_out ? "because the system ran out of memory" : "probably because the system ran out of memory, or by hand");
  return end;
}

}  // namespace

std::string describe(const WorkerDeath& death) {
  std::string text = how_it_ended(death);
  const std::vector<std::string> lines = last_lines(death.log, death.log_begin);
  // The first one: what follows may come of the first.
  const auto mark = std::find_if(lines.begin(), lines.end(), [](const std::string& line) { return line.starts_with(kBacktraceMark); });
  auto end = mark;
  while (end != lines.begin() && (end - 1)->empty()) --end;
  const auto written = std::min<std::ptrdiff_t>(kLines, end - lines.begin());
  if (written > 0) text += "; the last lines of its log:\n" + joined(end - written, end);
  if (mark == lines.end()) return text;
  const std::string frames = readable_backtrace({mark + 1, lines.end()}, kFrames);
  if (!frames.empty()) text += "\nbacktrace of " + mark->substr(kBacktraceMark.size()) + ":\n" + frames;
  return text;
}

std::int64_t count_of_memory_kills() {
  std::ifstream counters("/proc/vmstat");
  std::string name;
  for (std::int64_t value = 0; counters >> name >> value;)
    if (name == "oom_kill") return value;
  return 0;
}

}  // namespace temper::launch
