// Which entities a sequence of tags spells: begin-inside-outside tags read as seqeval reads them.
#pragma once

#include <cstddef>
#include <string>
#include <tuple>
#include <vector>

namespace seqeval {

struct Entity {
  std::string type;
  std::size_t begin = 0, end = 0;  // tokens, half open
  bool operator==(const Entity&) const = default;
  auto operator<=>(const Entity& other) const { return std::tie(type, begin, end) <=> std::tie(other.type, other.begin, other.end); }
};

// A tag's type: what stands behind "B-"; "_" where nothing does.
std::string type_of(const std::string& tag);
// "B", "I", "O": the first character.
std::string prefix_of(const std::string& tag);

// As conlleval.pl: an inside tag without a begin, or of another type than the tag before, begins an entity too. B, I, E and S are known.
std::vector<Entity> entities(const std::vector<std::string>& tags);

// IOB2 to the letter: an entity is a begin tag and the inside tags of its type behind it; other inside tags are none.
std::vector<Entity> strict_entities(const std::vector<std::string>& tags);

}  // namespace seqeval
