// A retriever's index among what a strategy saves.
#pragma once

#include <filesystem>
#include <memory>

#include <temper/options.h>
#include <temper/retriever.h>

namespace temper {

// Into `folder`/index, which is made. Throws Error when it cannot be.
void save_index(const Retriever& retriever, const std::filesystem::path& folder);
// A retriever as the options say, with the index that lies in `folder`/index. Throws Error where it is damaged; that it has as many passages
// as the strategy keeps is for the strategy to check.
std::shared_ptr<const Retriever> load_index(const PluginChoice& retriever, const std::filesystem::path& folder);

}  // namespace temper
