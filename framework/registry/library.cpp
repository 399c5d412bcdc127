// load_library: Boost.DLL with eager binding, so that an undefined symbol is an error now and not a crash in the middle of a run.
#include "registry/library.h"

#include <boost/dll/shared_library.hpp>
#include <cxxabi.h>
#include <dlfcn.h>

#include <cstdlib>
#include <memory>
#include <string>

namespace temper::registry {

namespace {

[[noreturn]] void fail(const std::filesystem::path& library, const std::string& what, const std::string& remedy = {}) {
  throw Error({Problem{{library.filename().string(), 0, 0}, what, remedy}});
}

std::string demangled(const std::string& symbol) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), std::free);
  return status == 0 && text ? text.get() : symbol;
}

// Boost wraps the loader's words: "... (dlerror system message: FILE: undefined symbol: NAME): Bad file descriptor".
[[noreturn]] void explain(const std::filesystem::path& library, std::string message) {
  const std::string before = "dlerror system message: ";
  if (const std::size_t begin = message.find(before); begin != std::string::npos) message.erase(0, begin + before.size());
  if (const std::size_t end = message.rfind("): "); end != std::string::npos) message.erase(end);
  if (message.starts_with(library.string() + ": ")) message.erase(0, library.string().size() + 2);
  const std::string undefined = "undefined symbol: ";
  if (const std::size_t begin = message.find(undefined); begin != std::string::npos) {
    std::string symbol = message.substr(begin + undefined.size());
    symbol = symbol.substr(0, symbol.find_first_of(" \t("));
    symbol.erase(symbol.find_last_not_of(',') + 1);  // "..., version X"
    fail(library, "lacks the symbol \"" + demangled(symbol) + "\", which no library that it is linked to defines",
         "link what defines it; -Wl,-z,defs finds this when the library is built");
  }
  fail(library, "cannot be loaded: " + message);
}

bool process_has_torch() {
  void* torch = ::dlopen("libtorch_cpu.so", RTLD_LAZY | RTLD_NOLOAD);
  if (torch) ::dlclose(torch);
  return torch != nullptr;
}

void check(const PluginDescriptor* descriptor, const std::filesystem::path& library, const Manifest& manifest) {
  // Size and version first: no other field means anything before they are known to be ours.
  if (descriptor->size != sizeof(PluginDescriptor) || descriptor->version != kDescriptorVersion)
    fail(library, "its descriptor has version " + std::to_string(descriptor->version) + " and " + std::to_string(descriptor->size) +
         " bytes, this temper wants version " + std::to_string(kDescriptorVersion) + " and " + std::to_string(sizeof(PluginDescriptor)) + " bytes",
         "rebuild it with the headers of this temper");
  if (!descriptor->kind || !descriptor->name || !descriptor->make_options || !descriptor->create)
    fail(library, "its descriptor is incomplete", "end its source with TEMPER_PLUGIN(...)");
  if (manifest.kind != descriptor->kind || manifest.name != descriptor->name)
    fail(library, "its manifest says " + manifest.kind + '/' + manifest.name + ", its descriptor " + descriptor->kind + '/' + descriptor->name,
         "use TEMPER_PLUGIN(...) once per library, and nothing else to register");
}

// Words that the framework reads in the table of a plugin of this kind.
std::vector<std::string> reserved_words(std::string_view kind) {
  if (kind == TEMPER_KIND_Strategy) return {"plugin", "name", "from", "from_best", "training"};
  if (kind == TEMPER_KIND_Dataset) return {"plugin", "train", "validation", "test", "limit", "seed", "on_bad_row"};
  return {"plugin"};
}

}  // namespace

const PluginDescriptor& load_library(const std::filesystem::path& library, const Manifest& manifest, BringTorch bring_torch) {
  if (bring_torch == BringTorch::kNo && !manifest.torch.empty() && !process_has_torch())
    fail(library, "uses libtorch, which this program does not load", "temper-worker runs such plugins");
  boost::dll::shared_library loaded;
  try {
    loaded.load(library.string(), boost::dll::load_mode::rtld_now);
  } catch (const std::exception& error) {
    explain(library, error.what());
  }
  // Pins it: `loaded` gives up its reference below.
  if (void* pinned = ::dlopen(library.c_str(), RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE)) ::dlclose(pinned);
  if (!loaded.has("temper_plugin_descriptor"))
    fail(library, "has a manifest, but no symbol temper_plugin_descriptor", "do not hide or strip what TEMPER_PLUGIN(...) defines");
  const PluginDescriptor& descriptor = loaded.get<const PluginDescriptor>("temper_plugin_descriptor");
  check(&descriptor, library, manifest);
  return descriptor;
}

OptionSchema declared_by(const PluginDescriptor& descriptor, const std::filesystem::path& library) {
  OptionSchema schema;
  try {
    const std::unique_ptr<AnyOptions> options = descriptor.make_options();
    if (!options) fail(library, "makes no options", "end its source with TEMPER_PLUGIN(...)");
    schema = declared(*options);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    fail(library, std::string("cannot declare its options: ") + error.what());
  } catch (...) {
    fail(library, "cannot declare its options: it threw what is no std::exception");
  }
  Problems problems;
  check_declaration(schema, reserved_words(descriptor.kind), library.filename().string() + ": " + descriptor.kind + ' ' + descriptor.name, problems);
  problems.throw_if_any();
  return schema;
}

OptionSchema declared_by(const std::filesystem::path& library, const Manifest& manifest) {
  return declared_by(load_library(library, manifest, BringTorch::kYes), library);
}

}  // namespace temper::registry
