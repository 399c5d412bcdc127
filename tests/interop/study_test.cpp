// What temper writes, h5py and pandas read: the layout that results/README.md promises, and the lines of Python that it shows.
#include <cstdlib>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "record/event_log.h"
#include "record/study_file.h"
#include "support/example_records.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::record {
namespace {

using temper::testing::ProgramResult;
using temper::testing::run_command;

class StudyInPython : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* python = std::getenv("TEMPER_PYTHON");
    if (!python || !*python) GTEST_SKIP() << "TEMPER_PYTHON names no Python with h5py and pandas";
    python_ = python;
    if (run_command({python_, "-c", "import h5py, pandas"}, folder_.path()).status != 0)
      GTEST_SKIP() << "the Python of TEMPER_PYTHON (" << python_ << ") has no h5py and pandas";
    write_example();
  }

  ProgramResult run_python(const std::vector<std::string>& arguments) {
    std::vector<std::string> words{python_};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run_command(words, folder_.path());
  }

  // results/tweets/study.h5 with two trained trials, one that does not train, one that failed.
  void write_example() {
    const std::filesystem::path study = folder_ / "results/tweets";
    std::filesystem::create_directories(study);
    write_trial(folder_ / "1.h5", temper::testing::example_trial(5e-5, 0.625));
    write_trial(folder_ / "2.h5", temper::testing::example_trial(1e-4, 0.5));
    write_trial(folder_ / "3.h5", temper::testing::example_untrained());
    std::vector<StudyTrial> trials(4);
    for (std::size_t i = 0; i < trials.size(); ++i) {
      trials[i].number = static_cast<std::int64_t>(i) + 1;
      if (i < 3) trials[i].file = folder_ / (std::to_string(i + 1) + ".h5");
    }
    trials[3].status = kFailed;
    trials[3].strategy = "lora";
    trials[3].seed = 8;
    trials[3].error = "out of memory";
    StudyHeader header;
    header.name = "tweets";
    header.created = "2026-01-31T12:00:00Z";
    header.finished = "2026-01-31T12:30:00Z";
    header.temper_version = "0.1.0";
    header.torch_version = "2.13.0";
    header.git_commit = "0123456789ab";
    header.host = "größer";
    header.device = "cpu";
    header.experiment = "name = \"tweets\"\n";
    header.objective = "validation_loss";
    Comparison comparison;
    comparison.strategy = {"lora", "majority"};
    comparison.best_trial = {2, 3};
    comparison.n_seeds = {1, 1};
    comparison.metrics = {{"accuracy", Better::kHigher, {0.746, 0.405}, {0.719, 0.375}, {0.772, 0.436}, {0, 0.341, -0.341, 0}, {1, 0.001, 0.001, 1}}};
    comparison.train_seconds = comparison.prepare_seconds = comparison.predict_seconds = comparison.seconds_per_prediction = {25, 0};
    write_study(study / "study.h5", header, trials, [&](Hdf5Group& file) { write_comparison(file, comparison); });
  }

  temper::testing::TemporaryFolder folder_;
  std::string python_;
};

TEST_F(StudyInPython, HasTheLayoutThatThePageOfResultsPromises) {
  const ProgramResult result = run_python({TEMPER_SOURCE_DIRECTORY "/tests/interop/check_study.py", "results/tweets/study.h5"});
  EXPECT_EQ(result.status, 0) << result.all();
  EXPECT_NE(result.all().find("all as promised"), std::string::npos) << result.all();
}

// The Python blocks of a page, one after another.
std::string python_of(const std::filesystem::path& page) {
  std::ifstream stream(page);
  std::string code, line;
  for (bool inside = false; std::getline(stream, line);) {
    if (line == "```python") inside = true;
    else if (line == "```") inside = false;
    else if (inside) code += line + "\n";
  }
  return code;
}

TEST_F(StudyInPython, IsReadByTheLinesOnThePageOfResults) {
  const std::string code = python_of(TEMPER_SOURCE_DIRECTORY "/results/README.md");
  ASSERT_NE(code.find("h5py.File(\"results/tweets/study.h5\")"), std::string::npos);
  const ProgramResult result = run_python({"-c", code});
  EXPECT_EQ(result.status, 0) << result.all();
  EXPECT_NE(result.all().find("validation_loss {np.int64(0): np.float64(1.25)"), std::string::npos) << result.all();
  EXPECT_NE(result.all().find("négatif 👎"), std::string::npos) << result.all();
}

TEST_F(StudyInPython, HasEventsThatAnyJsonReaderReads) {
  {
    EventLog log = EventLog::create(folder_ / "events.jsonl");
    log.append(Note{std::string("no \xFF UTF-8, a \0 and \u2028", 23)});
    log.append(StepRow{.step = 1, .learning_rate = 1e-5 / 3, .loss = kNaN});
  }
  const ProgramResult result = run_python({"-c",
                                           "import json\n"
                                           "events = [json.loads(line) for line in open('events.jsonl', encoding='utf-8', newline='\\n')]\n"
                                           "assert events[0]['format'] == 'temper-events' and events[0]['format_version'] == 1\n"
                                           "assert events[2]['learning_rate'] == 1e-5 / 3\n"
                                           "assert float(events[2]['loss']) != float(events[2]['loss'])\n"});
  EXPECT_EQ(result.status, 0) << result.all();
}

}  // namespace
}  // namespace temper::record
