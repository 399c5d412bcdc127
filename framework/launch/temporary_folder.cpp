// See temporary_folder.h.
#include "launch/temporary_folder.h"

#include <stdlib.h>

#include <temper/error.h>

namespace temper::launch {

TemporaryFolder::TemporaryFolder(const std::string& purpose) {
  std::string name = (std::filesystem::temp_directory_path() / ("temper-" + purpose + "-XXXXXX")).string();
  if (!::mkdtemp(name.data())) throw Error(name + " cannot be made", "TMPDIR names another place for temporary files");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace temper::launch
