// The stored reference pages are what the declarations say today, so that a changed option shows in review.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "registry/child_process.h"
#include "registry/registry.h"

namespace temper {
namespace {

using namespace std::chrono_literals;

std::string stored(const std::string& page) {
  std::ostringstream text;
  text << std::ifstream(std::filesystem::path(TEMPER_SOURCE_DIRECTORY) / "docs" / "reference" / (page + ".md")).rdbuf();
  return text.str();
}

TEST(Reference, IsWhatTheDeclarationsSay) {
  std::vector<std::string> pages = registry::Registry({TEMPER_PLUGIN_DIRECTORY}).kinds();
  pages.push_back("experiment");
  pages.push_back("run_events");
  for (const std::string& page : pages) {
    const registry::ChildResult result =
        registry::run_child(std::filesystem::path(TEMPER_BUILD_DIRECTORY) / "bin" / "temper", {"plugins", "--markdown", page}, 120s);
    ASSERT_EQ(result.exit_status, 0) << result.errors;
    EXPECT_EQ(stored(page), result.output) << "docs/reference/" << page << ".md is stale: run scripts/reference";
  }
}

}  // namespace
}  // namespace temper
