// Index folders of strategies.
#include <temper/saved_index.h>

#include <system_error>

#include <temper/error.h>
#include <temper/registry.h>

namespace temper {

void save_index(const Retriever& retriever, const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder / "index", error);
  if (error) throw Error((folder / "index").string() + " cannot be made: " + error.message());
  retriever.save(folder / "index");
}

std::shared_ptr<const Retriever> load_index(const PluginChoice& retriever, const std::filesystem::path& folder) {
  std::shared_ptr<Retriever> loaded = create_plugin<Retriever>(retriever);
  loaded->load(folder / "index");
  return loaded;
}

}  // namespace temper
