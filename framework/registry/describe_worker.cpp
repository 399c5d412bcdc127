// The child's side of descriptions: loads libraries that may crash it, and tells of each before and after.
#include "registry/description.h"

#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "registry/library.h"
#include "registry/manifest.h"

namespace temper::registry {

namespace {

void write_line(int descriptor, const Value& value) {
  const std::string line = to_json(value) + '\n';
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t count = ::write(descriptor, line.data() + done, line.size() - done);
    if (count < 0 && errno != EINTR) ::_exit(1);  // nobody listens any more
    if (count > 0) done += static_cast<std::size_t>(count);
  }
}

Value answer(const std::filesystem::path& library) {
  Value value = Value::Table();
  value.set("library", library.string());
  try {
    const Manifest manifest = read_manifest(library);
    if (const std::optional<Problem> problem = misfit(manifest, library, this_host())) throw Error({*problem});
    value.set("options", to_value(declared_by(library, manifest)));
  } catch (const Error& error) {
    Value::Array problems;
    for (const Problem& problem : error.problems()) {
      Value one = Value::Table();
      one.set("file", problem.place.file);
      one.set("what", problem.what);
      one.set("remedy", problem.remedy);
      problems.push_back(std::move(one));
    }
    value.set("problems", std::move(problems));
  }
  return value;
}

}  // namespace

int describe_main(const std::vector<std::string>& libraries) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // What a library prints while it is loaded must not look like an answer.
  const int answers = ::dup(1);
  if (answers < 0 || ::dup2(2, 1) < 0) return 1;
  for (const std::string& library : libraries) {
    Value loading = Value::Table();
    loading.set("loading", library);
    write_line(answers, loading);
    write_line(answers, answer(library));
  }
  return 0;
}

}  // namespace temper::registry
