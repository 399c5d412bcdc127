// Checkpoints of trials: whole, or known to be damaged.
#include "study/trial_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/message_of.h"
#include "support/temporary_folder.h"

namespace temper::study {
namespace {

using temper::testing::message_of;
using ::testing::AllOf;
using ::testing::HasSubstr;

class TrialFiles : public ::testing::Test {
 protected:
  TrialFiles() {
    folder.write("0001/checkpoint/model/model.safetensors", "ten bytes.");
    folder.write("0001/checkpoint/strategy/shots.json", "[]");
    write("0001");
    link_folder(folder / "0001/checkpoint", folder / "0002/checkpoint/base");
    write("0002");
  }
  void write(const std::string& trial) {
    SavedTrial saved;
    saved.trial.options = Value::Table{{"task", "classification"}};
    write_trial_file(saved, folder / trial / "checkpoint");
  }
  std::string damage(const std::string& trial) { return message_of([&] { check_checkpoint(folder / trial / "checkpoint"); }); }
  testing::TemporaryFolder folder;
};

TEST_F(TrialFiles, ACheckpointIsWholeAsItWasWritten) {
  EXPECT_EQ(damage("0001"), "no error");
  EXPECT_EQ(damage("0002"), "no error");
}

TEST_F(TrialFiles, ACutFileIsNamedWithBothSizesAndTheWayOut) {
  std::filesystem::resize_file(folder / "0001/checkpoint/model/model.safetensors", 4);
  EXPECT_THAT(damage("0001"), AllOf(HasSubstr("0001/checkpoint is damaged: model/model.safetensors has 4 bytes, the trial wrote 10"),
                                    HasSubstr("0001 and run the study again")));
  EXPECT_THAT(damage("0002"), HasSubstr("base/model/model.safetensors has 4 bytes")) << "its base is linked";
}

TEST_F(TrialFiles, AFileThatLacksIsNamed) {
  std::filesystem::remove(folder / "0002/checkpoint/base/strategy/shots.json");
  EXPECT_THAT(damage("0002"), HasSubstr("base/strategy/shots.json is missing"));
  EXPECT_EQ(damage("0001"), "no error");
}

TEST_F(TrialFiles, EveryCutOfTheListItselfIsDamage) {
  const std::string whole = folder.read("0002/checkpoint/trial.json");
  for (std::size_t length = 0; length + 1 < whole.size(); ++length) {  // the last byte is a newline
    folder.write("0002/checkpoint/trial.json", whole.substr(0, length));
    EXPECT_THAT(damage("0002"), HasSubstr("0002/checkpoint is damaged: ")) << length;
  }
}

}  // namespace
}  // namespace temper::study
