// See compare_studies.h.
#include "record/compare_studies.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include <temper/value.h>

#include "record/layout.h"

namespace temper::record {

namespace {

class Comparison {
 public:
  explicit Comparison(const CompareOptions& options) : options_(options) {}

  void groups(const Hdf5Group& a, const Hdf5Group& b) {
    const std::vector<std::string> first = a.names(), second = b.names();
    std::set<std::string> names(first.begin(), first.end());
    names.insert(second.begin(), second.end());
    for (const std::string& name : names) {
      if (name == "cost" || name == "seconds") continue;
      const std::string path = (a.path() == "/" ? "" : a.path()) + "/" + name;
      const bool in_first = std::binary_search(first.begin(), first.end(), name);
      const bool in_second = std::binary_search(second.begin(), second.end(), name);
      if (!in_first || !in_second) report(path, "only " + (in_first ? options_.in_first : options_.in_second));
      else member(a, b, name, path);
    }
  }

  void attributes(const Hdf5Group& a, const Hdf5Group& b, const std::string& name, const std::string& path) {
    const auto first = a.attributes(name), second = b.attributes(name);
    std::set<std::string> names;
    for (const auto& [key, value] : first) names.insert(key);
    for (const auto& [key, value] : second) names.insert(key);
    for (const std::string& key : names) {
      const std::string place = path + "@" + key;
      if (!first.contains(key) || !second.contains(key)) report(place, "only " + (first.contains(key) ? options_.in_first : options_.in_second));
      else values(first.at(key), second.at(key), place);
    }
  }

  std::vector<std::string> result() && { return std::move(differences_); }

 private:
  void report(const std::string& path, const std::string& what) { differences_.push_back(path + ": " + what); }

  void member(const Hdf5Group& a, const Hdf5Group& b, const std::string& name, const std::string& path) {
    const bool group_in_first = a.has_group(name);
    if (group_in_first != b.has_group(name)) {
      report(path, (group_in_first ? "a group " : "a dataset ") + options_.in_first + (group_in_first ? ", a dataset " : ", a group ") + options_.in_second);
      return;
    }
    attributes(a, b, name, path);
    if (group_in_first) {
      groups(a.group(name), b.group(name));
    } else if (a.shape(name) != b.shape(name)) {
      report(path, shape_text(a.shape(name)) + ' ' + options_.in_first + ", " + shape_text(b.shape(name)) + ' ' + options_.in_second);
    } else {
      values(a.read(name), b.read(name), path);
    }
  }

  static std::string shape_text(const std::vector<std::int64_t>& shape) {
    if (shape.empty()) return "a single value";
    std::string text;
    for (const std::int64_t extent : shape) text += (text.empty() ? "" : " x ") + std::to_string(extent);
    return text + " values";
  }

  // Two attributes, or the contents of two datasets.
  template <typename Variant>
  void values(const Variant& a, const Variant& b, const std::string& path) {
    if (a.index() != b.index()) {
      report(path, "of another type " + options_.in_second);
      return;
    }
    std::visit([&](const auto& first) { same_type(first, std::get<std::decay_t<decltype(first)>>(b), path); }, a);
  }

  template <typename T>
  void same_type(const std::vector<T>& a, const std::vector<T>& b, const std::string& path) {
    if (a.size() != b.size()) {
      report(path, shape_text({static_cast<std::int64_t>(a.size())}) + ' ' + options_.in_first + ", " +
                       shape_text({static_cast<std::int64_t>(b.size())}) + ' ' + options_.in_second);
      return;
    }
    std::size_t count = 0, where = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (equal(a[i], b[i])) continue;
      if (count++ == 0) where = i;
    }
    if (count == 0) return;
    const std::string more = count > 1 ? " (" + std::to_string(count) + " of " + std::to_string(a.size()) + " differ)" : "";
    report(path + "[" + std::to_string(where) + "]", difference(a[where], b[where]) + more);
  }
  void same_type(const Hdf5Bools& a, const Hdf5Bools& b, const std::string& path) { same_type(a.values, b.values, path); }
  template <typename T>
  void same_type(const T& a, const T& b, const std::string& path) {
    if (!equal(a, b)) report(path, difference(a, b));
  }

  bool equal(double a, double b) const {
    if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
    if (options_.tolerance == 0) return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
    if (a == b) return true;  // infinities, too
    return std::abs(a - b) <= options_.tolerance * std::max({1.0, std::abs(a), std::abs(b)});
  }
  bool equal(const auto& a, const auto& b) const { return a == b; }

  static std::string text(const std::string& value) {
    constexpr std::size_t kMost = 60;
    if (value.size() <= kMost) return to_json(Value(value));
    std::size_t end = kMost;
    while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;  // not inside a character
    return to_json(Value(value.substr(0, end))) + "...";
  }
  static std::string text(double value) { return std::isfinite(value) ? to_toml(Value(value)) : std::isnan(value) ? "NaN" : value > 0 ? "inf" : "-inf"; }
  static std::string text(bool value) { return value ? "true" : "false"; }
  static std::string text(std::int8_t value) { return value ? "true" : "false"; }
  static std::string text(std::int64_t value) { return std::to_string(value); }

  template <typename T>
  std::string difference(const T& a, const T& b) const {
    return text(a) + ' ' + options_.in_first + ", " + text(b) + ' ' + options_.in_second;
  }

  CompareOptions options_;
  std::vector<std::string> differences_;
};

}  // namespace

std::vector<std::string> compare_groups(const Hdf5Group& first, const Hdf5Group& second, const CompareOptions& options) {
  Comparison comparison(options);
  comparison.attributes(first, second, ".", first.path());
  comparison.groups(first, second);
  return std::move(comparison).result();
}

std::vector<std::string> compare_studies(const std::filesystem::path& first, const std::filesystem::path& second,
                                         const CompareOptions& options) {
  const Hdf5File a = Hdf5File::open(first), b = Hdf5File::open(second);
  Comparison comparison(options);
  comparison.groups(a, b);
  return std::move(comparison).result();
}

}  // namespace temper::record
