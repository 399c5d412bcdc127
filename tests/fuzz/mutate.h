// Damages files at random, as broken disks, bad tools and malice do; the same for the same seed.
#pragma once

#include <random>
#include <string>
#include <vector>

namespace temper::testing {

// `others`: files of the same format, of which pieces are taken over.
inline std::string mutate(std::string bytes, const std::vector<std::string>& others, std::mt19937_64& random) {
  const auto below = [&](std::size_t bound) { return bound == 0 ? 0 : static_cast<std::size_t>(random() % bound); };
  static const char* const kWords[] = {"null", "-1", "0", "99999999999999999999", "1e999", "{}", "[]", "\"\"", "true", "\xFF\xFF\xFF\xFF", "\\u0000", "\xC3", "[[[[", "16777215", "(?<=a*)", "\\p{X}", "Sequence", "\n", "."};
  const std::size_t changes = 1 + below(4);
  for (std::size_t i = 0; i < changes; ++i) {
    const std::size_t at = below(bytes.size() + 1);
    switch (below(7)) {
      case 0: bytes.resize(at); break;
      case 1: bytes.insert(at, 1, static_cast<char>(random())); break;
      case 2: if (at < bytes.size()) bytes[at] = static_cast<char>(random()); break;
      case 3: if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8))); break;
      case 4: bytes.erase(at, below(20)); break;
      case 5: bytes.insert(at, kWords[below(std::size(kWords))]); break;
      default: {
        const std::string& other = others[below(others.size())];
        const std::size_t from = below(other.size() + 1);
        bytes.insert(at, other.substr(from, below(60)));
      }
    }
  }
  return bytes;
}

}  // namespace temper::testing
