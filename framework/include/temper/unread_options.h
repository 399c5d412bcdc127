// For Needs::unread: options that others of the same table make meaningless.
#pragma once

#include <string>
#include <vector>

#include <temper/generation_options.h>

namespace temper {

// `table`: what the generation options are called in the strategy.
inline std::vector<std::string> unread_options(const GenerationOptions& options, const std::string& table = "generation") {
  if (options.do_sample) return {};
  return {table + ".temperature", table + ".top_k", table + ".top_p", table + ".min_p"};
}

}  // namespace temper
