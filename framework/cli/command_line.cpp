// Command lines by Boost.Program_options.
#include "cli/command_line.h"

#include <boost/make_shared.hpp>
#include <boost/program_options.hpp>

#include <iostream>
#include <sstream>

#include <temper/error.h>

namespace temper::cli {

namespace po = boost::program_options;

struct CommandLine::Parts {
  std::string verb, summary, synopsis;
  po::options_description options{"options"};
  po::options_description all;
  po::positional_options_description positions;
  std::vector<std::string> names;     // of options, with their dashes
  std::vector<std::string> required;  // positional names
  std::vector<std::pair<std::string, std::string>> positional_help;
  std::vector<std::unique_ptr<std::string>> placeholders;

  po::option_description* declare(po::options_description& where, const std::string& name, const po::value_semantic* value, const std::string& help) {
    where.add(boost::make_shared<po::option_description>(name.c_str(), value, help.c_str()));
    return nullptr;
  }
};

namespace {

// Values keep their text: "--set seeds=[1, 2]" must not be split at the blank.
template <class T>
po::typed_value<T>* value_named(T& field, const std::string& placeholder) { return po::value<T>(&field)->value_name(placeholder); }

std::string dashed(const std::string& name) { return "--" + name.substr(0, name.find(',')); }

}  // namespace

CommandLine::CommandLine(std::string verb, std::string summary) : parts_(std::make_unique<Parts>()) {
  parts_->verb = std::move(verb);
  parts_->summary = std::move(summary);
  parts_->options.add_options()("help,h", "show this and exit");
  parts_->names.push_back("--help");
}

CommandLine::~CommandLine() = default;

CommandLine& CommandLine::positional(const std::string& name, std::string& field, const std::string& help) {
  optional_positional(name, field, help);
  parts_->required.push_back(name);
  std::string& synopsis = parts_->synopsis;
  synopsis = synopsis.substr(0, synopsis.rfind(" [")) + ' ' + name;
  return *this;
}

CommandLine& CommandLine::optional_positional(const std::string& name, std::string& field, const std::string& help) {
  parts_->declare(parts_->all, name, po::value<std::string>(&field), help);
  parts_->positions.add(name.c_str(), 1);
  parts_->positional_help.emplace_back(name, help);
  parts_->synopsis += " [" + name + ']';
  return *this;
}

CommandLine& CommandLine::option(const std::string& name, std::string& field, const std::string& placeholder, const std::string& help) {
  parts_->declare(parts_->options, name, value_named(field, placeholder), help);
  parts_->names.push_back(dashed(name));
  return *this;
}

CommandLine& CommandLine::option(const std::string& name, std::optional<std::int64_t>& field, const std::string& placeholder, const std::string& help) {
  auto* value = po::value<std::int64_t>()->value_name(placeholder)->notifier([&field](std::int64_t number) { field = number; });
  parts_->declare(parts_->options, name, value, help);
  parts_->names.push_back(dashed(name));
  return *this;
}

CommandLine& CommandLine::list(const std::string& name, std::vector<std::string>& field, const std::string& placeholder, const std::string& help) {
  parts_->declare(parts_->options, name, value_named(field, placeholder)->composing(), help);
  parts_->names.push_back(dashed(name));
  return *this;
}

CommandLine& CommandLine::flag(const std::string& name, bool& field, const std::string& help) {
  parts_->declare(parts_->options, name, po::bool_switch(&field), help);
  parts_->names.push_back(dashed(name));
  return *this;
}

bool CommandLine::parse(const std::vector<std::string>& arguments) {
  parts_->all.add(parts_->options);
  const std::string usage = "see: temper " + parts_->verb + " --help";
  try {
    po::variables_map values;
    using namespace po::command_line_style;
    po::store(po::command_line_parser(arguments).options(parts_->all).positional(parts_->positions)
                  .style(unix_style & ~allow_guessing).run(), values);
    if (values.count("help")) {
      std::cout << "usage: temper " << parts_->verb << parts_->synopsis << " [options]\n\n" << parts_->summary << "\n\n";
      for (const auto& [name, help] : parts_->positional_help) std::cout << "  " << name << std::string(name.size() < 22 ? 22 - name.size() : 1, ' ') << help << '\n';
      std::cout << (parts_->positional_help.empty() ? "" : "\n") << parts_->options;
      return false;
    }
    po::notify(values);
    for (const std::string& name : parts_->required) {
      if (!values.count(name)) throw Error("temper " + parts_->verb + ": " + name + " is missing", usage);
    }
  } catch (const po::unknown_option& error) {
    const std::string hint = did_you_mean(error.get_option_name(), parts_->names);
    throw Error("temper " + parts_->verb + ": there is no option " + error.get_option_name(), hint.empty() ? usage : hint);
  } catch (const po::too_many_positional_options_error&) {
    throw Error("temper " + parts_->verb + ": too many arguments", usage);
  } catch (const po::error& error) {
    throw Error("temper " + parts_->verb + ": " + error.what(), usage);
  }
  return true;
}

}  // namespace temper::cli
