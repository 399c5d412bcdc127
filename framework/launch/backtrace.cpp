// See backtrace.h.
#include "launch/backtrace.h"

#include <cxxabi.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include <temper/error.h>

#include "registry/child_process.h"

namespace temper::launch {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kWhereTrialsBegin = "temper::study::run_trial(";

struct Frame {
  fs::path library;
  std::string name;    // demangled; empty where no exported symbol covers it
  std::string offset;  // "0x1234" in the library, where it has no name
  std::string place;   // "faulty.cpp:12", where it is known
};

std::string demangled(const std::string& symbol) {
  if (!symbol.starts_with("_Z")) return symbol;  // a C function's name: "f" alone would be read as the type float
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> name(abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), std::free);
  return status == 0 && name ? name.get() : symbol;
}

std::optional<Frame> parse(const std::string& line) {
  const std::size_t address = line.rfind("[0x");
  if (address == std::string::npos) return std::nullopt;
  const std::size_t close = line.rfind(')', address), open = close == std::string::npos ? close : line.rfind('(', close);
  if (open == std::string::npos) return Frame{line.substr(0, address), "", "", ""};
  Frame frame{line.substr(0, open), "", "", ""};
  const std::string inside = line.substr(open + 1, close - open - 1);
  const std::size_t plus = inside.rfind('+');
  if (plus == std::string::npos) return frame;
  if (plus == 0) frame.offset = inside.substr(1);
  else frame.name = demangled(inside.substr(0, plus));
  return frame;
}

std::optional<fs::path> find_program(const char* name) {
  const char* folders = std::getenv("PATH");
  std::istringstream all(folders ? folders : "/usr/bin:/bin");
  for (std::string folder; std::getline(all, folder, ':');) {
    const fs::path program = fs::path(folder) / name;
    if (!folder.empty() && ::access(program.c_str(), X_OK) == 0) return program;
  }
  return std::nullopt;
}

// The instruction before a return address: the call.
std::string before(const std::string& offset) {
  std::ostringstream text;
  text << "0x" << std::hex << (std::strtoull(offset.c_str(), nullptr, 16) - 1);
  return text.str();
}

// Names without a place, and places, of the frames of one library.
void look_up(const fs::path& addr2line, const fs::path& library, const std::vector<Frame*>& frames) {
  std::vector<std::string> arguments{"-C", "-f", "-s", "-e", library.string()};
  for (const Frame* frame : frames) arguments.push_back(before(frame->offset));
  const registry::ChildResult answer = registry::run_child(addr2line, arguments, std::chrono::seconds(5));
  std::istringstream lines(answer.output);
  for (Frame* frame : frames) {
    std::string name, place;
    if (!std::getline(lines, name) || !std::getline(lines, place)) return;
    if (name != "??") frame->name = name;
    if (place.find('?') == std::string::npos) frame->place = place.substr(0, place.find(" (discriminator"));
  }
}

void look_up(std::vector<Frame>& frames) {
  constexpr std::uintmax_t kLargestLibrary = 64 << 20;  // addr2line takes seconds for libtorch's symbols, and who broke is a plugin mostly
  std::map<fs::path, std::vector<Frame*>> nameless;
  for (Frame& frame : frames)
    if (frame.name.empty() && !frame.offset.empty()) nameless[frame.library].push_back(&frame);
  const std::optional<fs::path> addr2line = find_program("addr2line");
  if (!addr2line) return;
  for (const auto& [library, unknown] : nameless) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(library, error);
    if (error || size > kLargestLibrary) continue;
    try {
      look_up(*addr2line, library, unknown);
    } catch (const Error&) {
      return;  // it cannot be started
    }
  }
}

}  // namespace

std::string readable_backtrace(const std::vector<std::string>& lines, std::size_t most) {
  constexpr std::size_t kMostFrames = 256;
  std::vector<Frame> frames;
  for (const std::string& line : lines) {
    if (frames.size() == kMostFrames) break;
    if (std::optional<Frame> frame = parse(line)) frames.push_back(std::move(*frame));
  }
  look_up(frames);
  std::vector<std::pair<std::string, int>> told;  // and how often
  for (const Frame& frame : frames) {
    std::string line = frame.library.filename().string() + ": " + (!frame.name.empty() ? frame.name : frame.offset.empty() ? "?" : "+" + frame.offset);
    if (!frame.place.empty()) line += " at " + frame.place;
    if (!told.empty() && told.back().first == line) ++told.back().second;
    else told.emplace_back(std::move(line), 1);
    if (told.size() == most || frame.name.starts_with(kWhereTrialsBegin)) break;
  }
  std::string text;
  for (const auto& [line, times] : told) text += (text.empty() ? "" : "\n") + line + (times > 1 ? ", " + std::to_string(times) + " times" : "");
  return text;
}

}  // namespace temper::launch
