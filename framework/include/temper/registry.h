// Plugins that hold plugins: makes the one that an option of kind plugin names.
//
//   v.plugin("retriever", retriever, "retriever", "What finds the passages.");     // in visit
//   std::unique_ptr<temper::Retriever> inner = temper::create_plugin<temper::Retriever>(options.retriever);
#pragma once

#include <memory>

#include <temper/options.h>
#include <temper/plugin.h>

namespace temper {

// From the plugins of the running program. The pointer is one to the kind's base class, owned by the caller.
void* create_plugin(const char* kind, int interface_version, const PluginChoice& choice);

// Options are checked and completed. Throws Error when there is no such plugin, it cannot be used or its options are wrong.
template <class K>
std::unique_ptr<K> create_plugin(const PluginChoice& choice) {
  return std::unique_ptr<K>(static_cast<K*>(create_plugin(KindOf<K>::name, KindOf<K>::interface_version, choice)));
}

}  // namespace temper
