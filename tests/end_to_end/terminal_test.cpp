// `temper run` on a terminal, on none, and for programs.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include <temper/value.h>

#include "report/run_events.h"
#include "support/ids_experiment.h"
#include "support/pseudo_terminal.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

constexpr const char* kThreeTrials = "max_steps = 40\nbatch_size = 4\n";
constexpr const char* kSweep = "[sweep]\nlearning_rate = [1e-3, 1e-2, 1e-4]\n";

std::vector<std::string> run_words(std::vector<std::string> more = {}) {
  std::vector<std::string> words{temper_program(), "run", "ids.toml"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(Terminal, ABlockShowsWorkersAndTheBestAndLeavesOnlyLinesBehind) {
  for (const int width : {40, 120}) {
    const TemporaryFolder folder;
    write_ids_experiment(folder, kThreeTrials, kSweep);
    PseudoTerminal terminal(run_words({"--workers", "2"}), folder.path(), width);
    EXPECT_TRUE(terminal.wait_for("of 3 trials")) << terminal.screen().text();
    EXPECT_TRUE(terminal.wait_for("best  trial")) << terminal.screen().text();
    EXPECT_EQ(terminal.finish(), 0) << terminal.screen().text();
    const TerminalScreen& screen = terminal.screen();
    EXPECT_EQ(screen.longest_block(), 4) << width;  // the study, two workers, the best
    EXPECT_EQ(screen.unknown(), 0);
    EXPECT_TRUE(screen.cursor_shown());
    EXPECT_EQ(screen.column(), 0);
    EXPECT_GT(screen.styles(), 0);
    for (const std::string& line : screen.lines()) {
      EXPECT_EQ(line.find("best  trial"), std::string::npos) << line;  // of the block; the table says "best ("
      EXPECT_EQ(line.find(" of 3 trials"), std::string::npos) << line;
    }
    EXPECT_NE(screen.text().find("[3/3]"), std::string::npos) << screen.text();
    EXPECT_NE(screen.text().find("study.h5"), std::string::npos) << screen.text();
  }
}

TEST(Terminal, TheBlockNeverIsWiderThanTheWindow) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, "max_steps = 100000");
  PseudoTerminal terminal(run_words(), folder.path(), 120);
  ASSERT_TRUE(terminal.wait_for("step ")) << terminal.screen().text();
  const int before = terminal.screen().wrapped();
  EXPECT_EQ(before, 0);
  terminal.resize(40);
  // What was on its way when the window changed may still be as wide as it was: the narrow block is the one that has the cut sign.
  ASSERT_TRUE(terminal.wait_for("…")) << terminal.screen().text();
  const int after = terminal.screen().wrapped();
  const std::size_t written = terminal.bytes().size();
  EXPECT_TRUE(terminal.wait_for([&](const TerminalScreen&) { return terminal.bytes().size() > written + 2000; }));
  EXPECT_EQ(terminal.screen().wrapped(), after);
  terminal.resize(160);  // wide enough for every figure of a line
  EXPECT_TRUE(terminal.wait_for("validation loss")) << terminal.screen().text();
  terminal.press("\x03");
  EXPECT_EQ(terminal.finish(), 130) << terminal.screen().text();
}

TEST(Terminal, CtrlCLeavesItClean) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, "max_steps = 100000");
  PseudoTerminal terminal(run_words(), folder.path(), 100);
  ASSERT_TRUE(terminal.wait_for("step ")) << terminal.screen().text();
  terminal.press("\x03");
  EXPECT_EQ(terminal.finish(), 130) << terminal.screen().text();
  EXPECT_TRUE(terminal.screen().cursor_shown());
  EXPECT_EQ(terminal.bytes().find("\x1b[?25l"), std::string::npos);
  EXPECT_EQ(terminal.screen().column(), 0);
  ASSERT_FALSE(terminal.screen().lines().empty());
  EXPECT_EQ(terminal.screen().lines().back(), "interrupted after 0 of 1 trials; the same command goes on from here");
  EXPECT_EQ(terminal.screen().text().find("step "), std::string::npos) << terminal.screen().text();
}

TEST(Terminal, AnErrorLeavesItClean) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, "max_steps = 3");
  ASSERT_EQ(run_temper("run ids.toml", folder.path()).status, 0);
  folder.write("results/ids/trials/0002", "a file where a folder is wanted");
  PseudoTerminal terminal(run_words({"--set", "seeds=[1,2]"}), folder.path(), 100);
  EXPECT_EQ(terminal.finish(), 1);
  EXPECT_EQ(terminal.screen().column(), 0);
  EXPECT_NE(terminal.screen().text().find("trials/0002"), std::string::npos) << terminal.screen().text();
}

TEST(Terminal, NoColorTakesTheStylesAndLeavesTheBlock) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, kThreeTrials, kSweep);
  PseudoTerminal terminal(run_words(), folder.path(), 100, 24, {"NO_COLOR=1"});
  EXPECT_EQ(terminal.finish(), 0) << terminal.screen().text();
  EXPECT_EQ(terminal.screen().styles(), 0);
  EXPECT_GT(terminal.screen().escapes(), 0);
}

TEST(Terminal, ADumbOneGetsPlainLines) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, kThreeTrials, kSweep);
  PseudoTerminal terminal(run_words(), folder.path(), 100, 24, {"TERM=dumb"});
  EXPECT_EQ(terminal.finish(), 0) << terminal.screen().text();
  EXPECT_EQ(terminal.screen().escapes(), 0) << terminal.bytes();
  EXPECT_NE(terminal.screen().text().find("[3/3]"), std::string::npos);
}

TEST(Terminal, WhereThereIsNoneLinesArePlain) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, kThreeTrials, kSweep);
  const ProgramResult result = run_temper("run ids.toml", folder.path());
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.all().find_first_of("\x1b\r"), std::string::npos) << result.all();
  const std::vector<std::string> lines = lines_of(result.err);
  EXPECT_EQ(std::count_if(lines.begin(), lines.end(), [](const std::string& line) { return line.starts_with("["); }), 3) << result.err;  // a line a trial
}

TEST(Terminal, QuietPrintsErrorsAlone) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, kThreeTrials, kSweep);
  const ProgramResult result = run_temper("run ids.toml --quiet", folder.path());
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.all(), "");
  PseudoTerminal terminal(run_words({"-q"}), folder.path(), 100);
  EXPECT_EQ(terminal.finish(), 0);
  EXPECT_EQ(terminal.bytes(), "");
  const ProgramResult wrong = run_temper("run ids.toml --quiet --set training.epochs=-1", folder.path());
  EXPECT_EQ(wrong.status, 2);
  EXPECT_NE(wrong.err.find("epochs"), std::string::npos) << wrong.err;
  EXPECT_EQ(run_temper("run ids.toml --quiet --json", folder.path()).status, 2);
}

// Every member is declared, of its type, and there where it always is.
void expect_declared(const Value& event) {
  const std::string name = event.find("event")->as_string();
  const auto& kinds = report::run_event_kinds();
  const auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const report::EventKind& k) { return k.name == name; });
  ASSERT_NE(kind, kinds.end()) << name;
  for (const auto& [member, value] : event.as_table()) {
    if (member == "event" || member == "time") continue;
    const auto declared = std::find_if(kind->members.begin(), kind->members.end(), [&](const report::EventMember& m) { return m.name == member; });
    ASSERT_NE(declared, kind->members.end()) << name << "." << member;
    const std::string type = declared->type;
    const bool fits = type == "integer" ? value.is_integer() : type == "number" ? value.is_number() : type == "string" ? value.is_string() : type == "object" ? value.is_table() : value.is_array();
    EXPECT_TRUE(fits) << name << "." << member << " is " << value.type_name() << ", declared as " << type;
  }
  for (const report::EventMember& member : kind->members)
    if (member.always) EXPECT_NE(event.find(member.name), nullptr) << name << "." << member.name;
}

TEST(RunEvents, AreALineEachAndAllDeclared) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, kThreeTrials, kSweep);
  const ProgramResult result = run_temper("run ids.toml --json --workers 2", folder.path());
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.err, "");
  std::map<std::string, int> counts;
  std::vector<Value> events;
  for (const std::string& line : lines_of(result.out)) {
    events.push_back(parse_json(line));
    expect_declared(events.back());
    ++counts[events.back().find("event")->as_string()];
  }
  EXPECT_EQ(counts["study_started"], 1);
  EXPECT_EQ(counts["trial_started"], 3);
  EXPECT_EQ(counts["trial_finished"], 3);
  EXPECT_EQ(counts["study_finished"], 1);
  ASSERT_FALSE(events.empty());
  const auto first = std::find_if(events.begin(), events.end(), [](const Value& event) { return event.find("event")->as_string() != "note"; });
  EXPECT_EQ(first->find("event")->as_string(), "study_started");
  const Value& end = events.back();
  EXPECT_EQ(end.find("event")->as_string(), "study_finished");
  EXPECT_EQ(end.find("status")->as_string(), "complete");
  const Value::Array& table = end.find("table")->as_array();
  ASSERT_EQ(table.size(), 3u);
  EXPECT_EQ(table[1].find("options")->find("training.learning_rate")->as_number(), 1e-2);
  EXPECT_TRUE(table[1].find("metrics")->find("accuracy")->find("value")->is_number());
  EXPECT_EQ(end.find("best")->as_integer(), events[events.size() - 2].find("best")->as_integer());
}

TEST(RunEvents, TellAnInterruptionAndHowFarTrialsAre) {
  const TemporaryFolder folder;
  write_ids_experiment(folder, "max_steps = 100000\nlogging_steps = 100000");  // no row of any step: what is told comes from the worker alone
  PseudoTerminal terminal(run_words({"--json"}), folder.path(), 200);
  ASSERT_TRUE(terminal.wait_for([&](const TerminalScreen&) { return terminal.bytes().find("\"steps\": 100000") != std::string::npos; })) << terminal.bytes();
  terminal.press("\x03");
  EXPECT_EQ(terminal.finish(), 130);
  EXPECT_EQ(terminal.bytes().find('\x1b'), std::string::npos);
  const std::size_t end = terminal.bytes().find("\"event\": \"study_finished\"");
  ASSERT_NE(end, std::string::npos) << terminal.bytes();
  EXPECT_NE(terminal.bytes().find("\"interrupted\"", end), std::string::npos);
}

}  // namespace
}  // namespace temper::testing
