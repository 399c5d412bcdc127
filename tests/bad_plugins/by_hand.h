// A manifest and a descriptor without TEMPER_PLUGIN, for those that get them wrong.
#pragma once

#include "bad_metric.h"

#define BAD_MANIFEST(kind, name)                                                                          \
  extern "C" __attribute__((section(".temper_manifest"), used)) const char temper_plugin_manifest[] =     \
      "temper-plugin 1\nkind=" kind "\ninterface=" TEMPER_STRINGIFY(TEMPER_INTERFACE_Metric) "\nname=" name \
      "\nabi=" TEMPER_CXX_ABI "\ntorch=\nsummary=Made by hand.\n";

#define BAD_DESCRIPTOR(size, version, kind, name)                                                                  \
  extern "C" __attribute__((visibility("default"))) const temper::PluginDescriptor temper_plugin_descriptor;       \
  const temper::PluginDescriptor temper_plugin_descriptor = {                                                      \
      size, version, kind, name,                                                                                   \
      []() -> std::unique_ptr<temper::AnyOptions> { return std::make_unique<temper::OptionsOf<temper::NoOptions>>(); }, \
      [](temper::AnyOptions&) -> void* { return static_cast<temper::Metric*>(new bad::CountsItems(temper::NoOptions())); }};
