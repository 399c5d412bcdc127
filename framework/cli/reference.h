// The reference page of the experiment file: the options of the framework's own tables.
#pragma once

#include <string>

namespace temper::cli {

std::string experiment_markdown();

}  // namespace temper::cli
