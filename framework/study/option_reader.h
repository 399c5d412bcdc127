// Reads tables of the experiment file against declared options, nested plugins and paths included, and takes the lists that are
// axes out of them. Problems are collected, so that a file's errors come all at once.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <temper/error.h>
#include <temper/options.h>

#include "study/experiment.h"
#include "study/schemas.h"

namespace temper::study {

// The option that `key` names, by its name or an alias; nullptr when there is none.
const OptionSpec* find_option(const OptionSchema& schema, std::string_view key);

// The options of a nested plugin: the key `plugin`, then its own. Throws Error when `name` is no plugin of the kind, or cannot be used.
OptionSchema nested_schema(const Schemas& schemas, const std::string& kind, const std::string& name);

// Adds what `error` says, behind `subject`, at `place`. What has a place of its own keeps it: in the same file as its place, elsewhere
// (a library) in its words.
void add_error(Problems& problems, const Place& place, const std::string& subject, const Error& error);

// "bm25" for "retriever/bm25" where a retriever is meant.
std::string plugin_name(const std::string& kind, const std::string& given);

class OptionReader {
 public:
  // Relative paths start at `folder`.
  OptionReader(const Surroundings& surroundings, std::filesystem::path folder, Problems& problems)
      : surroundings_(surroundings), folder_(std::move(folder)), problems_(problems) {}

  // The table, checked and complete; paths absolute. `where` names it in messages ("[training]"), `prefix` is that of its options'
  // full paths ("training"; empty for a strategy's own).
  Value read(const OptionSchema& schema, const Value& table, const std::string& where, const std::string& prefix, const std::string& more = {});

  // Takes the lists that are axes out of a strategy's table; each leaves its first value there.
  std::vector<Axis> take_axes(const OptionSchema& schema, Value& table);
  // Every entry of a part of [sweep] must be an axis; they are added to `axes`. `base` is the table `prefix` that they vary: it says what nested plugins there
  // are. `is_bare`: the entries stand in [sweep] itself.
  void read_sweep(const OptionSchema& schema, const Value& entries, const Value& base, const std::string& prefix, bool is_bare,
                  std::vector<Axis>& axes);

 private:
  // How an option is called: in messages ("sweep", "learning_rate") and in full ("training.learning_rate").
  struct Name {
    std::vector<std::string> shown;
    std::string path;
    Name below(const std::string& key) const;
  };
  void take_axes(const OptionSchema& schema, Value& table, const Name& name, std::vector<Axis>& axes);
  void read_sweep(const OptionSchema& schema, const Value& entries, const Value* base, const Name& name, std::vector<Axis>& axes);
  void add_axis(const OptionSpec& spec, const Value& list, const Name& name, std::vector<Axis>& axes);
  Value read_one(const OptionSpec& spec, const Value& value, const Name& name);
  // The options below a table, map or nested plugin that holds `value`; empty when there are none, or the plugin is not known.
  OptionSchema children_of(const OptionSpec& spec, const Value* value);
  void complete(const OptionSchema& schema, Value& table, const std::string& path);
  void complete(const OptionSpec& spec, int depth, Value& value, const std::string& path);
  void complete_plugin(const OptionSpec& spec, Value& value, const std::string& path);

  const Surroundings& surroundings_;
  std::filesystem::path folder_;
  Problems& problems_;
};

// Levels of arrays: 0 for a scalar, 1 for [1, 2], 2 when any element is an array.
int array_depth(const Value& value);

}  // namespace temper::study
