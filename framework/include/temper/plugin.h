// How a shared library becomes a plugin: one line at the end of its source.
//
//   TEMPER_PLUGIN(Metric, RecallAtK, Options, "recall_at_k", "Share of the relevant passages among the first k.")
//
// It leaves two things in the library. A manifest, text in an ELF section, which tells kind, interface version, name, C++ ABI
// and torch version, and is read without loading the library. And one exported symbol, `temper_plugin_descriptor`, a plain
// struct that is looked at only after the manifest was found to fit. Interface versions are raised, per kind, by any change
// after which an older library would misbehave. New kinds need no change here: a kind K is two macros, TEMPER_KIND_K
// (its name) and TEMPER_INTERFACE_K (its version), beside the class.
#pragma once

#include <cstdint>
#include <memory>

#include <temper/kinds.h>
#include <temper/options.h>

// The C++ ABI of this compilation: libraries that differ in it must not meet.
#define TEMPER_STRINGIFY_(x) #x
#define TEMPER_STRINGIFY(x) TEMPER_STRINGIFY_(x)
#if defined(_GLIBCXX_USE_CXX11_ABI)
#define TEMPER_STDLIB_ABI "libstdc++-cxx11=" TEMPER_STRINGIFY(_GLIBCXX_USE_CXX11_ABI)
#elif defined(_LIBCPP_ABI_VERSION)
#define TEMPER_STDLIB_ABI "libc++-" TEMPER_STRINGIFY(_LIBCPP_ABI_VERSION)
#else
#define TEMPER_STDLIB_ABI "unknown"
#endif
#define TEMPER_CXX_ABI "gxx-abi=" TEMPER_STRINGIFY(__GXX_ABI_VERSION) "," TEMPER_STDLIB_ABI

// Set by the build for plugins that use libtorch; the version that the plugin was compiled against.
#ifndef TEMPER_TORCH_VERSION
#define TEMPER_TORCH_VERSION ""
#endif

namespace temper {

// Raised when the layout of PluginDescriptor changes.
inline constexpr std::uint32_t kDescriptorVersion = 1;

struct PluginDescriptor {
  std::uint32_t size = sizeof(PluginDescriptor);
  std::uint32_t version = kDescriptorVersion;
  const char* kind = nullptr;
  const char* name = nullptr;
  std::unique_ptr<AnyOptions> (*make_options)() = nullptr;
  // Makes the plugin; the pointer is one to the kind's base class, owned by the caller. May throw temper::Error.
  void* (*create)(AnyOptions& options) = nullptr;
};

// The kind's name and version, by its class.
template <class K> struct KindOf;

}  // namespace temper

// Behind the class K of namespace temper, outside any namespace.
#define TEMPER_DECLARE_KIND(K)                                            \
  template <> struct temper::KindOf<temper::K> {                          \
    static constexpr const char* name = TEMPER_KIND_##K;                  \
    static constexpr int interface_version = TEMPER_INTERFACE_##K;        \
  };

// What a model or tokenizer plugin reads: config.json's model_type, or a tokenizer format as `temper/tokenizer.h` names them. What
// a metric plugin computes: names of values, "f1_*" for all that begin so, and "usual:TASK" where it is usual to report it.
// Words separated by blanks, in the same source as TEMPER_PLUGIN: TEMPER_CLAIMS("gpt2")
#define TEMPER_CLAIMS(words) \
  extern "C" __attribute__((section(".temper_claims"), used)) const char temper_plugin_claims[] = words;

#define TEMPER_PLUGIN(Kind, Class, Options, plugin_name, summary)                                                     \
  extern "C" __attribute__((section(".temper_manifest"), used)) const char temper_plugin_manifest[] =                 \
      "temper-plugin 1\n"                                                                                             \
      "kind=" TEMPER_KIND_##Kind "\n"                                                                                 \
      "interface=" TEMPER_STRINGIFY(TEMPER_INTERFACE_##Kind) "\n"                                                     \
      "name=" plugin_name "\n"                                                                                        \
      "abi=" TEMPER_CXX_ABI "\n"                                                                                      \
      "torch=" TEMPER_TORCH_VERSION "\n"                                                                              \
      "summary=" summary "\n";                                                                                        \
  extern "C" __attribute__((visibility("default"))) const ::temper::PluginDescriptor temper_plugin_descriptor;        \
  const ::temper::PluginDescriptor temper_plugin_descriptor = {                                                       \
      sizeof(::temper::PluginDescriptor), ::temper::kDescriptorVersion, TEMPER_KIND_##Kind, plugin_name,              \
      []() -> std::unique_ptr<::temper::AnyOptions> { return std::make_unique<::temper::OptionsOf<Options>>(); },     \
      [](::temper::AnyOptions& options) -> void* {                                                                    \
        ::temper::Kind* made = new Class(static_cast<::temper::OptionsOf<Options>&>(options).value);                  \
        return made;                                                                                                  \
      }};
