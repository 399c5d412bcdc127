// temper plugins [NAME]: what is there; with a name, its options. --markdown writes the reference page of a kind, or of the
// experiment file.
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include <temper/error.h>

#include "cli/command_line.h"
#include "cli/reference.h"
#include "cli/verb.h"
#include "registry/describe_text.h"
#include "registry/registry.h"
#include "report/run_events.h"

namespace temper::cli {

namespace {

// Columns of the terminal; lines longer than 120 are tiring.
int text_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 100;
  return std::clamp<int>(size.ws_col, 60, 120);
}

}  // namespace

int list_plugins(const std::vector<std::string>& arguments) {
  std::string name, kind;
  CommandLine line("plugins", "Lists the plugins that are found; with a name, tells what it does and its options.");
  line.optional_positional("NAME", name, "a plugin, as NAME or KIND/NAME")
      .option("markdown", kind, "KIND", "write the reference page of all plugins of a kind, of \"experiment\", the file, or of \"run_events\", what temper run --json prints");
  if (!line.parse(arguments)) return kDone;

  if (kind == "experiment") {
    std::cout << experiment_markdown();
    return kDone;
  }
  if (kind == "run_events") {
    std::cout << report::run_events_markdown();
    return kDone;
  }
  const registry::Registry registry(registry::plugin_folders(), {.first_load = registry::FirstLoad::kInChild});
  if (!kind.empty()) {
    const std::vector<std::string> kinds = registry.kinds();
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) throw Error("no plugin is a " + kind, did_you_mean(kind, kinds));
    std::cout << registry::kind_markdown(registry, kind);
  } else if (name.empty()) {
    std::cout << registry::list_text(registry, text_width());
  } else {
    const char* between = "";
    for (const registry::Plugin* plugin : registry.named(name)) {
      const OptionSchema& options = registry.describe(*plugin);
      std::cout << between << registry::plugin_text(*plugin, options, text_width());
      between = "\n";
    }
  }
  return kDone;
}

}  // namespace temper::cli
