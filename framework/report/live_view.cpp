// See live_view.h.
#include "report/live_view.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "report/words.h"

namespace temper::report {

namespace {

// Columns that a label keeps beside pieces that could as well be left out, and beside those that say most.
constexpr int kReadableLabel = 36, kShortestLabel = 12;

enum Importance { kEpoch, kValidationLoss, kRate, kLoss, kStep, kAlways };

struct Piece {
  std::string text;
  Importance importance = kStep;  // the least important ones are left out first where there is no room
  Style style = Style::kPlain;
};

// Cut to `width` columns, which are counted before the styles are put on.
class Line {
 public:
  explicit Line(const Terminal& terminal) : terminal_(terminal), left_(terminal.width > 0 ? terminal.width - 1 : 1 << 20) {}
  void add(const std::string& text, Style style = Style::kPlain) {
    const std::string shown = fit(text, left_);
    left_ = display_width(shown) < display_width(text) ? 0 : left_ - display_width(shown);
    text_ += shown.empty() ? shown : styled(shown, style, terminal_);
  }
  int left() const { return left_; }
  std::string text() const { return text_; }

 private:
  const Terminal& terminal_;
  int left_;
  std::string text_;
};

// `start`, then the label, then the pieces for which there is room.
std::string line_of(const std::string& start, const std::string& label, std::vector<Piece> pieces, const Terminal& terminal) {
  Line line(terminal);
  line.add(start, Style::kDim);
  const auto width = [&] {
    int sum = 0;
    for (const Piece& piece : pieces) sum += display_width(piece.text) + 3;
    return sum;
  };
  const int least = std::min(kShortestLabel, display_width(label)), readable = std::min(kReadableLabel, display_width(label));
  while (!pieces.empty()) {
    const auto next = std::min_element(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return a.importance < b.importance; });
    if (next->importance == kAlways || line.left() - width() >= (next->importance < kLoss ? readable : least)) break;
    pieces.erase(next);
  }
  const bool keeps_all = !pieces.empty() && pieces.front().importance == kAlways;
  line.add(fit(label, std::max(keeps_all ? 0 : least, line.left() - width())));
  for (const Piece& piece : pieces) {
    line.add(" | ", Style::kDim);
    line.add(piece.text, piece.style);
  }
  return line.text();
}

std::string percent(double share) { return std::to_string(static_cast<int>(std::floor(share * 100))) + " %"; }

void add_bar(Line& line, double share, int columns) {
  const int full = static_cast<int>(share * columns);
  std::string done, rest;
  for (int i = 0; i < columns; ++i) (i < full ? done : rest) += i < full ? "█" : "░";
  line.add(done, Style::kGreen);
  line.add(rest, Style::kDim);
}

std::string head_line(const Progress& progress, const Terminal& terminal) {
  std::string counts = std::to_string(progress.trials_done) + " of " + count_of(progress.trials_total, "trial");
  const std::string failed = progress.trials_failed > 0 ? ", " + std::to_string(progress.trials_failed) + " failed" : "";
  const double share = done_share(progress);
  std::string times = duration(progress.elapsed_seconds);
  if (progress.stops) times += ", stops: snapshots are written (Ctrl-C again: at once)";
  else if (const std::optional<double> left = seconds_left(progress); left && *left > 0) times += ", about " + duration(*left) + " left";

  Line line(terminal);
  const std::string after = "  " + percent(share) + "  " + times;
  const int needed = display_width("  " + counts + failed + after);
  line.add(fit(progress.study, std::max(kShortestLabel, line.left() - needed)), Style::kBold);
  line.add("  " + counts);
  line.add(failed, Style::kRed);
  constexpr int kShortestBar = 8, kLongestBar = 30;
  if (const int room = line.left() - 2 - display_width(after); room >= kShortestBar) {
    line.add("  ");
    add_bar(line, share, std::min(room, kLongestBar));
  }
  line.add(after);
  return line.text();
}

std::string number_text(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string worker_line(const WorkerProgress& worker, std::size_t number, const Progress& progress, const Terminal& terminal) {
  const std::string start = progress.workers.size() > 1 ? std::to_string(number) + " | " : "";
  if (worker.trial == 0) return line_of(start, worker.job.empty() ? "waits" : "begins the next trial", {}, terminal);
  std::vector<Piece> pieces;
  if (!worker.activity.empty()) {
    pieces.push_back({worker.activity + (worker.answered > 0 ? ": " + std::to_string(worker.answered) + " done" : ""), kStep});
  } else {
    if (!std::isnan(worker.epoch)) pieces.push_back({"epoch " + number_text("%.2f", worker.epoch), kEpoch});
    if (worker.steps > 0) pieces.push_back({"step " + std::to_string(worker.step) + "/" + std::to_string(worker.steps), kStep});
    else if (worker.step > 0) pieces.push_back({"step " + std::to_string(worker.step), kStep});
  }
  if (!std::isnan(worker.loss)) pieces.push_back({"loss " + short_number(worker.loss), kLoss});
  if (!std::isnan(worker.validation_loss)) pieces.push_back({"validation loss " + short_number(worker.validation_loss), kValidationLoss});
  if (const double rate = tokens_per_second(worker); worker.activity.empty() && !std::isnan(rate)) pieces.push_back({number_text("%.0f", rate) + " tokens/s", kRate});
  return line_of(start + "trial " + std::to_string(worker.trial) + "  ", worker.label, std::move(pieces), terminal);
}

std::string best_line(const Progress& progress, const Terminal& terminal) {
  const BestTrial& best = *progress.best;
  return line_of("best  trial " + std::to_string(best.trial) + "  ", best.label, {{progress.objective + ' ' + short_number(best.objective), kAlways, Style::kGreen}}, terminal);
}

}  // namespace

std::vector<std::string> live_view(const Progress& progress, const Terminal& terminal) {
  std::vector<std::string> lines = {head_line(progress, terminal)};
  const int height = terminal.height > 0 ? terminal.height - 1 : 1 << 20;
  const bool shows_best = progress.best && height > 2;
  const int rows = std::max(0, height - 1 - (shows_best ? 1 : 0));
  const auto workers = static_cast<int>(progress.workers.size());
  const int shown = workers <= rows ? workers : std::max(0, rows - 1);
  for (int i = 0; i < shown; ++i) lines.push_back(worker_line(progress.workers[static_cast<std::size_t>(i)], static_cast<std::size_t>(i) + 1, progress, terminal));
  if (shown < workers && rows > 0) lines.push_back(line_of("", "and " + count_of(workers - shown, "more worker"), {}, terminal));
  if (shows_best) lines.push_back(best_line(progress, terminal));
  return lines;
}

std::string draw_block(const std::vector<std::string>& lines) {
  std::string text = "\r";
  for (std::size_t i = 0; i < lines.size(); ++i) text += (i > 0 ? "\r\n" : "") + lines[i] + "\x1b[K";
  text += "\x1b[J";  // what a longer block has left below
  if (lines.size() > 1) text += "\x1b[" + std::to_string(lines.size() - 1) + "A";
  return text + "\r";
}

std::string erase_block() { return "\r\x1b[J"; }

}  // namespace temper::report
