// Snapshots come back to the bit, and nothing broken or foreign is taken for one.
#include "training/snapshot.h"

#include <cmath>
#include <fstream>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "support/temporary_folder.h"

namespace temper::training {
namespace {

class SnapshotFile : public ::testing::Test {
 protected:
  std::string bytes() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void overwrite(const std::string& bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }

  testing::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "training.snapshot";
};

SplitScore score(double loss) {
  return {.loss = loss, .loss_stderr = 0.1, .losses = {0.1, loss, std::nan("")}, .counts = {1, 2, 0}, .metrics = {{"accuracy", 1.0 / 3}, {"f1_macro", std::nan("")}}};
}

Snapshot example() {
  Snapshot snapshot;
  snapshot.identity = "options of this trial";
  snapshot.stopped_early = true;
  snapshot.step = 5;
  snapshot.tokens = 1234567890123;
  snapshot.seconds = 1.0 / 7;
  snapshot.selection = {.best_step = 4, .best_value = 2.0 / 3, .misses = 1};
  snapshot.evaluations = {{.step = 0, .epoch = 0, .train = score(1.5), .validation = score(std::numeric_limits<double>::infinity())},
                          {.step = 4, .epoch = 0.1, .train = score(std::nan("")), .validation = score(1.25)}};
  snapshot.observer.set("events_bytes", 77);
  snapshot.moment_steps = {{"a.weight", 5}};
  snapshot.tensors = {{"parameter.a.weight", at::arange(6, at::kFloat).div(7).reshape({2, 3})}, {"m.a.weight", at::full({2, 3}, 1e-30f)}, {"v.a.weight", at::zeros({0})}};
  return snapshot;
}

void expect_equal(const SplitScore& a, const SplitScore& b) {
  const auto same = [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
  EXPECT_TRUE(same(a.loss, b.loss));
  EXPECT_EQ(a.loss_stderr, b.loss_stderr);
  ASSERT_EQ(a.losses.size(), b.losses.size());
  for (std::size_t i = 0; i < a.losses.size(); ++i) EXPECT_TRUE(same(a.losses[i], b.losses[i]));
  EXPECT_EQ(a.counts, b.counts);
  ASSERT_EQ(a.metrics.size(), b.metrics.size());
  for (std::size_t i = 0; i < a.metrics.size(); ++i) {
    EXPECT_EQ(a.metrics[i].first, b.metrics[i].first);
    EXPECT_TRUE(same(a.metrics[i].second, b.metrics[i].second));
  }
}

TEST_F(SnapshotFile, ComesBackToTheBit) {
  const Snapshot wanted = example();
  write_snapshot(path_, wanted);
  const std::optional<Snapshot> found = read_snapshot(path_, wanted.identity);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->identity, wanted.identity);
  EXPECT_EQ(found->finished, wanted.finished);
  EXPECT_EQ(found->stopped_early, wanted.stopped_early);
  EXPECT_EQ(found->step, wanted.step);
  EXPECT_EQ(found->tokens, wanted.tokens);
  EXPECT_EQ(found->seconds, wanted.seconds);
  EXPECT_EQ(found->selection.best_step, wanted.selection.best_step);
  EXPECT_EQ(found->selection.best_value, wanted.selection.best_value);
  EXPECT_EQ(found->selection.misses, wanted.selection.misses);
  EXPECT_EQ(found->observer, wanted.observer);
  EXPECT_EQ(found->moment_steps, wanted.moment_steps);
  ASSERT_EQ(found->evaluations.size(), 2u);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(found->evaluations[i].step, wanted.evaluations[i].step);
    EXPECT_EQ(found->evaluations[i].epoch, wanted.evaluations[i].epoch);
    expect_equal(found->evaluations[i].train, wanted.evaluations[i].train);
    expect_equal(*found->evaluations[i].validation, *wanted.evaluations[i].validation);
  }
  ASSERT_EQ(found->tensors.size(), wanted.tensors.size());
  for (const auto& [name, tensor] : wanted.tensors) EXPECT_TRUE(at::equal(found->tensors.at(name), tensor)) << name;
}

TEST_F(SnapshotFile, IsNothingWhereThereIsNoFile) { EXPECT_FALSE(read_snapshot(path_, "any")); }

TEST_F(SnapshotFile, RefusesOtherOptions) {
  write_snapshot(path_, example());
  try {
    read_snapshot(path_, "other options");
    FAIL() << "it was taken";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("is a snapshot of other options than these"), std::string::npos) << error.what();
  }
}

TEST_F(SnapshotFile, IgnoresAFileThatWasCutAnywhere) {
  const Snapshot wanted = example();
  write_snapshot(path_, wanted);
  const std::string whole = bytes();
  for (std::size_t length = 0; length < whole.size(); length += 13) {
    overwrite(whole.substr(0, length));
    EXPECT_FALSE(read_snapshot(path_, wanted.identity)) << "cut at " << length;
  }
}

TEST_F(SnapshotFile, IgnoresAFileWithAChangedByteInItsTensorsOrState) {
  const Snapshot wanted = example();
  write_snapshot(path_, wanted);
  const std::string whole = bytes();
  for (const std::size_t at : {whole.find("misses"), whole.find("1234567890123"), whole.size() - 1, whole.size() - 40}) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    overwrite(changed);
    EXPECT_FALSE(read_snapshot(path_, wanted.identity)) << "byte " << at;
  }
}

TEST_F(SnapshotFile, IgnoresForeignFiles) {
  overwrite("not a snapshot at all");
  EXPECT_FALSE(read_snapshot(path_, ""));
}

}  // namespace
}  // namespace temper::training
