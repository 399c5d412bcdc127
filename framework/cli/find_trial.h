// Which trial of a study a verb means, and where its checkpoint lies.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace temper::cli {

// The checkpoint folder of the trial with this number, or of the best trial by the objective. Throws Error when there is none, or
// its checkpoint was not kept.
std::filesystem::path find_checkpoint(const std::string& study, std::optional<std::int64_t> trial);

}  // namespace temper::cli
