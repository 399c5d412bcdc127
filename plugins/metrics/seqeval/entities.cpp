// Entities from tags, in seqeval's two ways.
#include "entities.h"

#include <string_view>

namespace seqeval {
namespace {

bool is_one_of(const std::string& prefix, std::string_view letters) { return prefix.size() == 1 && letters.find(prefix[0]) != std::string_view::npos; }

// Tjong Kim Sang, Buchholz (2000): the rules of conlleval.pl.
bool ends(const std::string& before, const std::string& now, const std::string& type_before, const std::string& type_now) {
  if (is_one_of(before, "ES")) return true;
  if (is_one_of(before, "BI") && is_one_of(now, "BSO")) return true;
  return !is_one_of(before, "O.") && type_before != type_now;
}
bool starts(const std::string& before, const std::string& now, const std::string& type_before, const std::string& type_now) {
  if (is_one_of(now, "BS")) return true;
  if (is_one_of(before, "ESO") && is_one_of(now, "EI")) return true;
  return !is_one_of(now, "O.") && type_before != type_now;
}

std::size_t first_size(const std::string& tag) {
  std::size_t size = tag.empty() ? 0 : 1;
  while (size < tag.size() && (static_cast<unsigned char>(tag[size]) & 0xC0) == 0x80) ++size;
  return size;
}

}  // namespace

std::string prefix_of(const std::string& tag) { return tag.empty() ? "O" : tag.substr(0, first_size(tag)); }

std::string type_of(const std::string& tag) {
  const std::string rest = tag.substr(first_size(tag));
  const std::size_t dash = rest.find('-');
  const std::string type = dash == std::string::npos ? rest : rest.substr(dash + 1);
  return type.empty() ? "_" : type;
}

std::vector<Entity> entities(const std::vector<std::string>& tags) {
  std::vector<Entity> result;
  std::string before = "O", type_before;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= tags.size(); ++i) {
    const std::string now = i < tags.size() ? prefix_of(tags[i]) : "O", type = i < tags.size() ? type_of(tags[i]) : "_";
    if (ends(before, now, type_before, type)) result.push_back({type_before, begin, i});
    if (starts(before, now, type_before, type)) begin = i;
    before = now;
    type_before = type;
  }
  return result;
}

std::vector<Entity> strict_entities(const std::vector<std::string>& tags) {
  std::vector<Entity> result;
  for (std::size_t i = 0; i < tags.size();) {
    const std::size_t begin = i++;
    if (prefix_of(tags[begin]) != "B") continue;
    const std::string type = type_of(tags[begin]);
    while (i < tags.size() && prefix_of(tags[i]) == "I" && type_of(tags[i]) == type) ++i;
    result.push_back({type, begin, i});
  }
  return result;
}

}  // namespace seqeval
