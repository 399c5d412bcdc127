// Writes events.jsonl, and makes curves of events.
#include "record/event_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <temper/error.h>

#include "record/event_line.h"

namespace temper::record {

namespace {

[[noreturn]] void fail(const std::string& file, const char* doing, int error) {
  throw Error(file + ": " + doing + " failed: " + std::strerror(error),
              error == ENOSPC || error == EDQUOT ? "make room on the disk and run the same command again; it goes on from the last snapshot" : "");
}

}  // namespace

EventLog EventLog::create(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor < 0) fail(file.string(), "creating the file", errno);
  EventLog log(descriptor, file.string(), 0);
  log.write_line(header_line());
  return log;
}

EventLog EventLog::resume(const std::filesystem::path& file, std::int64_t offset) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_APPEND | O_CLOEXEC);
  if (descriptor < 0) fail(file.string(), "opening the file", errno);
  EventLog log(descriptor, file.string(), offset);
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) fail(log.file_, "reading its size", errno);
  if (offset < 1 || status.st_size < offset)
    throw Error(log.file_ + ": it has " + std::to_string(status.st_size) + " bytes, the snapshot was made after byte " + std::to_string(offset),
                "the file was cut short after the snapshot; start the trial again without it");
  char last = 0;
  if (::pread(descriptor, &last, 1, offset - 1) != 1) fail(log.file_, "reading", errno);
  if (last != '\n')
    throw Error(log.file_ + ": no line ends at byte " + std::to_string(offset) + ", where the snapshot was made", "the snapshot belongs to another file");
  if (::ftruncate(descriptor, offset) != 0) fail(log.file_, "cutting the file", errno);
  return log;
}

EventLog::EventLog(EventLog&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), file_(std::move(other.file_)), offset_(other.offset_) {}

EventLog& EventLog::operator=(EventLog&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(file_, other.file_);
  std::swap(offset_, other.offset_);
  return *this;
}

EventLog::~EventLog() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void EventLog::append(const Event& event) { write_line(to_line(event)); }

void EventLog::write_line(const std::string& line) {
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t written = ::write(descriptor_, line.data() + done, line.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      // Half a line shall not stand there when the disk has room again.
      if (done > 0 && ::ftruncate(descriptor_, offset_) != 0) fail(file_, "writing, and undoing half a line,", error);
      fail(file_, "writing", error);
    }
    done += static_cast<std::size_t>(written);
  }
  offset_ += static_cast<std::int64_t>(line.size());
}

void EventLog::sync() {
  if (::fdatasync(descriptor_) != 0) fail(file_, "writing", errno);
}

namespace {

class CurveBuilder {
 public:
  void operator()(const PhaseStarted& e) {
    if (e.phase != static_cast<std::int64_t>(phases_.size()))
      throw Error("phase \"" + e.name + "\" has number " + std::to_string(e.phase) + ", the next one is " + std::to_string(phases_.size()));
    phases_.push_back(e.name);
  }
  void operator()(const StepRow& e) {
    check_phase(e.phase);
    training_.step.push_back(e.step);
    training_.epoch.push_back(e.epoch);
    training_.seconds.push_back(e.seconds);
    training_.tokens.push_back(e.tokens);
    training_.learning_rate.push_back(e.learning_rate);
    training_.loss.push_back(e.loss);
    training_.grad_norm.push_back(e.grad_norm);
    training_.phase.push_back(e.phase);
  }
  void operator()(const EvaluationRow& e) {
    check_phase(e.phase);
    const std::size_t row = evaluation_.step.size();
    evaluation_.step.push_back(e.step);
    evaluation_.epoch.push_back(e.epoch);
    evaluation_.phase.push_back(e.phase);
    for (const auto& [name, value] : e.values) {
      Column& column = column_named(name);
      column.values.resize(row, kNaN);
      column.values.push_back(value);
    }
    for (Column& column : evaluation_.columns) column.values.resize(row + 1, kNaN);
  }
  void operator()(const auto&) {}  // tells of no curve

  Curves finish() && {
    Curves curves;
    training_.phases = phases_;
    evaluation_.phases = phases_;
    if (!training_.step.empty()) curves.training = std::move(training_);
    if (!evaluation_.step.empty()) curves.evaluation = std::move(evaluation_);
    return curves;
  }

 private:
  void check_phase(std::int64_t phase) const {
    if (phase < 0 || phase >= static_cast<std::int64_t>(phases_.size()))
      throw Error("a row belongs to phase " + std::to_string(phase) + ", which has not begun");
  }
  Column& column_named(const std::string& name) {
    for (Column& column : evaluation_.columns)
      if (column.name == name) return column;
    return evaluation_.columns.emplace_back(Column{name, {}});
  }

  std::vector<std::string> phases_;
  TrainingCurves training_;
  EvaluationCurves evaluation_;
};

}  // namespace

Curves curves_of(const std::vector<Event>& events) {
  CurveBuilder builder;
  for (const Event& event : events) std::visit(builder, event);
  return std::move(builder).finish();
}

void add_curves(TrialRecord& record, const std::filesystem::path& events) {
  std::error_code error;
  if (!std::filesystem::exists(events, error)) return;
  try {
    Curves curves = curves_of(read_events(events));
    record.training = std::move(curves.training);
    record.evaluation = std::move(curves.evaluation);
  } catch (const Error& damage) {
    record.error += (record.error.empty() ? "" : "\n") + std::string("its curves cannot be read: ") + damage.what();
  }
}

}  // namespace temper::record
