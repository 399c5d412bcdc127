// What a plugin library says of itself, read from its file without loading it: no code of a library runs before it was vetted.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <temper/error.h>

namespace temper::registry {

struct Manifest {
  std::string kind{}, name{}, summary{};
  int interface_version = 0;
  std::string abi{};
  std::string torch{};                // the libtorch it was compiled against; empty: it uses none
  std::vector<std::string> claims{};  // a model's model_types, a tokenizer's formats
};

// Reads the sections .temper_manifest and .temper_claims of an ELF file. Throws Error for a file that is no library, is cut off
// or lies about its sections, and for one without a manifest.
Manifest read_manifest(const std::filesystem::path& library);

// The contents of one section, without what follows its first NUL; nothing when there is none of that name.
std::optional<std::string> read_section(const std::filesystem::path& library, std::string_view section);

// What a library must have been built for.
struct Host {
  std::string abi;
  std::string torch;
  // The version of a kind's interface; nothing for a kind that this program does not know by name.
  std::optional<int> (*interface_version)(std::string_view kind);
};
Host this_host();

// Why a library cannot be used here; nothing when it can.
std::optional<Problem> misfit(const Manifest& manifest, const std::filesystem::path& library, const Host& host);

}  // namespace temper::registry
