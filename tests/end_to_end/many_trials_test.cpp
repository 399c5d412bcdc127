// What hundreds of trials cost besides themselves, by counting and not by the clock: how often the study's files are written.
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <map>
#include <string>

#include <temper/error.h>

#include "record/study_file.h"
#include "support/ids_experiment.h"
#include "support/run_program.h"
#include "support/temporary_folder.h"

namespace temper::testing {
namespace {

// How often each file was put into a folder by a rename, which is how temper writes them. (Events that are equal to the one before are
// one event: so that the files which are renamed are told of as well, between them.)
class Renames {
 public:
  explicit Renames(const std::filesystem::path& folder) : descriptor_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    if (descriptor_ < 0 || ::inotify_add_watch(descriptor_, folder.c_str(), IN_MOVED_TO | IN_CREATE) < 0) throw Error(folder.string() + " cannot be watched");
  }
  ~Renames() { ::close(descriptor_); }
  std::map<std::string, int> take() const {
    std::map<std::string, int> counts;
    alignas(inotify_event) char buffer[1 << 16];
    for (ssize_t size; (size = ::read(descriptor_, buffer, sizeof buffer)) > 0;) {
      for (const char* at = buffer; at < buffer + size;) {
        const auto* event = reinterpret_cast<const inotify_event*>(at);
        if (event->mask & IN_Q_OVERFLOW) ++counts["lost"];
        else if (event->mask & IN_MOVED_TO) ++counts[event->name];
        at += sizeof(inotify_event) + event->len;
      }
    }
    return counts;
  }

 private:
  int descriptor_;
};

TEST(ManyTrials, WriteTheStudysFilesAFewTimesAndTheListOfTrialsOnce) {
  constexpr int kTrials = 300;
  const TemporaryFolder folder;
  folder.write("rows.jsonl", ids_lines(0, 3));
  std::string seeds;
  for (int seed = 1; seed <= kTrials; ++seed) seeds += (seed > 1 ? ", " : "") + std::to_string(seed);
  folder.write("many.toml", "name = \"many\"\ntask = \"classification\"\n[dataset]\nplugin = \"jsonl\"\ntrain = \"rows.jsonl\"\nvalidation = \"rows.jsonl\"\ntest = \"rows.jsonl\"\n[sweep]\ndataset.seed = [" + seeds +
                                "]\n[[strategy]]\nplugin = \"majority\"\n");
  std::filesystem::create_directories(folder / "results/many");
  const Renames renames(folder / "results/many");
  const ProgramResult run = run_temper("run many.toml", folder.path());
  ASSERT_EQ(run.status, 0) << run.err;
  const std::map<std::string, int> counts = renames.take();
  ASSERT_EQ(counts.count("lost"), 0u);
  EXPECT_EQ(record::read_summary(folder / "results/many").trials.size(), static_cast<std::size_t>(kTrials));
  // Each of the first twenty, then by 5 % more each time, and at the end; less where writing takes more than a tenth of the time.
  EXPECT_GE(counts.at("study.h5"), 2);
  EXPECT_LE(counts.at("study.h5"), 20 + 56 + 1);
  EXPECT_EQ(counts.at("trials.json"), 1);
  EXPECT_EQ(counts.at("experiment.resolved.toml"), 1);

  const ProgramResult again = run_temper("run many.toml", folder.path());
  ASSERT_EQ(again.status, 0) << again.err;
  EXPECT_LE(renames.take().at("study.h5"), 2);
}

}  // namespace
}  // namespace temper::testing
