// Events survive: whole lines stay readable whatever happens to the file's end, and curves come back to the bit.
#include "record/event_log.h"

#include <cmath>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>

#include <temper/error.h>

#include "support/temporary_folder.h"

namespace temper::record {
namespace {

using temper::testing::TemporaryFolder;

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

template <typename F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::filesystem::path write_example(const std::filesystem::path& file) {
  EventLog log = EventLog::create(file);
  log.append(TrialStarted{3, "lora \"2\"", 7, "1f2e"});
  log.append(PhaseStarted{0, "supervised", 0, 2});
  log.append(EvaluationRow{0, 0, 0, {{"train_loss", 1.5}}});
  log.append(Note{"two\nlines"});
  log.append(StepRow{1, 0.5, 0.1, 100, 1e-5 / 3, 0.1 + 0.2, 2, 0});
  log.append(StepRow{2, 1, 0.2, 200, 0, std::numeric_limits<double>::quiet_NaN(), INFINITY, 0});
  log.append(Warning{"the loss is NaN"});
  log.append(EvaluationRow{2, 1, 0, {{"train_loss", -0.0}, {"validation_accuracy", 1}}});
  log.append(TrialFinished{"diverged", ""});
  return file;
}

TEST(EventLog, RebuildsTheCurvesToTheBit) {
  const TemporaryFolder folder;
  const Curves curves = curves_of(read_events(write_example(folder / "events.jsonl")));
  ASSERT_TRUE(curves.training && curves.evaluation);
  EXPECT_EQ(curves.training->step, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(curves.training->learning_rate, (std::vector<double>{1e-5 / 3, 0}));
  EXPECT_EQ(curves.training->loss[0], 0.1 + 0.2);
  EXPECT_TRUE(std::isnan(curves.training->loss[1]));
  EXPECT_EQ(curves.training->grad_norm[1], INFINITY);
  EXPECT_EQ(curves.training->phases, (std::vector<std::string>{"supervised"}));
  EXPECT_EQ(curves.evaluation->step, (std::vector<std::int64_t>{0, 2}));
  ASSERT_EQ(curves.evaluation->columns.size(), 2u);
  EXPECT_EQ(curves.evaluation->columns[0].name, "train_loss");
  EXPECT_TRUE(std::signbit(curves.evaluation->columns[0].values[1]));
  EXPECT_TRUE(std::isnan(curves.evaluation->columns[1].values[0]));
  EXPECT_EQ(curves.evaluation->columns[1].values[1], 1);
}

TEST(EventLog, HasNoCurvesForATrialThatDoesNotTrain) {
  const Curves curves = curves_of({TrialStarted{1, "majority", 1, ""}, TrialFinished{"complete", ""}});
  EXPECT_FALSE(curves.training);
  EXPECT_FALSE(curves.evaluation);
}

TEST(EventLog, ReadsEveryWholeLineOfAFileThatIsCutAnywhere) {
  const TemporaryFolder folder;
  const std::string whole = text_of(write_example(folder / "events.jsonl"));
  std::size_t last = 0;
  for (std::size_t size = 0; size <= whole.size(); size += size + 5 < whole.size() ? 5 : 1) {
    write_text(folder / "cut.jsonl", whole.substr(0, size));
    const std::size_t lines = static_cast<std::size_t>(std::count(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size), '\n'));
    const std::size_t events = read_events(folder / "cut.jsonl").size();
    EXPECT_EQ(events, lines == 0 ? 0 : lines - 1) << size;
    EXPECT_GE(events, last);
    last = events;
  }
  EXPECT_EQ(last, 9u);
}

TEST(EventLog, GoesOnWhereASnapshotWasMade) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder / "events.jsonl";
  std::int64_t offset = 0;
  {
    EventLog log = EventLog::create(file);
    log.append(Note{"kept"});
    log.sync();
    offset = log.offset();
    log.append(Note{"lost"});
  }
  {
    EventLog log = EventLog::resume(file, offset);
    log.append(Note{"new"});
    EXPECT_EQ(static_cast<std::size_t>(log.offset()), text_of(file).size());
  }
  const std::vector<Event> events = read_events(file);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(std::get<Note>(events[0]).text, "kept");
  EXPECT_EQ(std::get<Note>(events[1]).text, "new");
}

TEST(EventLog, RefusesToResumeAFileThatDoesNotReachTheSnapshot) {
  const TemporaryFolder folder;
  const std::filesystem::path file = write_example(folder / "events.jsonl");
  const auto size = static_cast<std::int64_t>(text_of(file).size());
  EXPECT_NE(message_of([&] { EventLog::resume(file, size + 1); }).find("was cut short after the snapshot"), std::string::npos);
  EXPECT_NE(message_of([&] { EventLog::resume(file, size - 2); }).find("no line ends at byte"), std::string::npos);
  EXPECT_THROW(EventLog::resume(file, 0), Error);
  EXPECT_THROW(EventLog::resume(folder / "absent.jsonl", 1), Error);
  EXPECT_EQ(static_cast<std::int64_t>(text_of(file).size()), size);
}

TEST(EventLog, SaysSoWhenTheDiskIsFull) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "there is no /dev/full on this system";
  EXPECT_EQ(message_of([] { EventLog::create("/dev/full"); }).find("/dev/full: writing failed: No space left on device"), 0u);
}

TEST(EventReader, FollowsAFileThatGrows) {
  const TemporaryFolder folder;
  EventReader reader(folder / "events.jsonl");
  EXPECT_TRUE(reader.poll().empty());
  EventLog log = EventLog::create(folder / "events.jsonl");
  EXPECT_TRUE(reader.poll().empty());
  log.append(Note{"one"});
  log.append(Note{"two"});
  EXPECT_EQ(reader.poll().size(), 2u);
  EXPECT_TRUE(reader.poll().empty());
  log.append(Note{"three"});
  EXPECT_EQ(reader.poll().size(), 1u);
  EXPECT_EQ(reader.offset(), log.offset());
  EXPECT_FALSE(reader.restarted());
}

TEST(EventReader, BeginsAgainAfterTheFileWasCutEvenIfItHasGrownSince) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder / "events.jsonl";
  EventLog log = EventLog::create(file);
  log.append(Note{"kept"});
  const std::int64_t offset = log.offset();
  log.append(Note{"lost1"});
  EventReader reader(file);
  EXPECT_EQ(reader.poll().size(), 2u);
  log = EventLog::resume(file, offset);
  log.append(Note{"other"});  // as long as what was lost
  log.append(Note{"more"});
  EXPECT_EQ(reader.poll().size(), 3u);
  EXPECT_TRUE(reader.restarted());
  EXPECT_TRUE(reader.poll().empty());
  EXPECT_FALSE(reader.restarted());
}

TEST(EventReader, NamesTheLineThatIsDamaged) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder / "events.jsonl";
  const auto message = [&](const std::string& line) {
    EventLog::create(file);
    std::ofstream(file, std::ios::app) << line << '\n';
    return message_of([&] { read_events(file); });
  };
  const std::string place = file.string() + ":2: ";
  EXPECT_EQ(message("{\"event\":").find(place + "it is no JSON object"), 0u);
  EXPECT_EQ(message("[]").find(place + "it is no JSON object"), 0u);
  EXPECT_EQ(message("{}").find(place + "it lacks \"event\""), 0u);
  EXPECT_EQ(message("{\"event\":\"dance\"}").find(place + "there is no event \"dance\""), 0u);
  EXPECT_EQ(message("{\"event\":\"note\",\"text\":3}"), place + "\"text\" should be a string");
  EXPECT_EQ(message("{\"event\":\"phase\",\"phase\":1e300,\"name\":\"\",\"first_step\":0,\"steps\":0}"), place + "\"phase\" should be an integer");
  EXPECT_EQ(message("{\"event\":\"evaluation\",\"step\":1,\"epoch\":1,\"phase\":0,\"values\":{\"a\":\"x\"}}"), place + "\"a\" should be a number");
}

TEST(EventReader, RefusesAnotherFormatAndANewerVersion) {
  const TemporaryFolder folder;
  write_text(folder / "other.jsonl", "{\"text\":\"a row of data\"}\n");
  EXPECT_THROW(read_events(folder / "other.jsonl"), Error);
  write_text(folder / "newer.jsonl", "{\"event\":\"header\",\"format\":\"temper-events\",\"format_version\":2}\n");
  EXPECT_NE(message_of([&] { read_events(folder / "newer.jsonl"); }).find("its format version is 2"), std::string::npos);
}

TEST(Curves, GoIntoTheRecordOfATrialThatBrokeOff) {
  const TemporaryFolder folder;
  TrialRecord record;
  record.error = "killed by signal 9";
  add_curves(record, folder / "absent.jsonl");
  EXPECT_FALSE(record.training);
  const std::filesystem::path file = write_example(folder / "events.jsonl");
  add_curves(record, file);
  EXPECT_EQ(record.training->step.size(), 2u);
  EXPECT_EQ(record.evaluation->step.size(), 2u);
  EXPECT_EQ(record.error, "killed by signal 9");
  std::ofstream(file, std::ios::app) << "damage\n";
  add_curves(record, file);
  EXPECT_EQ(record.error.find("killed by signal 9\nits curves cannot be read: " + file.string() + ":11: "), 0u) << record.error;
}

TEST(Curves, RefuseARowOfAPhaseThatHasNotBegun) {
  EXPECT_THROW(curves_of({StepRow{}}), Error);
  EXPECT_THROW(curves_of({PhaseStarted{1, "second", 0, 0}}), Error);
}

}  // namespace
}  // namespace temper::record
