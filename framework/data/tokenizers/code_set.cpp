// CodeSet, and the named sets of Oniguruma 6.9 (Unicode 16).
#include "data/tokenizers/code_set.h"

#include "data/tokenizers/unicode.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

namespace temper::data::tokenizers {

namespace {

constexpr char32_t kLast = 0x10FFFF;

struct NamedCategories {
  const char* name;
  std::uint32_t categories;
  const char* pcre2;
};

constexpr std::uint32_t one(Category c) { return mask(c); }

constexpr NamedCategories kNamed[] = {
    {"l", kLetters, "L"}, {"letter", kLetters, "L"},
    {"lu", one(Category::kLu), "Lu"}, {"uppercaseletter", one(Category::kLu), "Lu"},
    {"ll", one(Category::kLl), "Ll"}, {"lowercaseletter", one(Category::kLl), "Ll"},
    {"lt", one(Category::kLt), "Lt"}, {"titlecaseletter", one(Category::kLt), "Lt"},
    {"lm", one(Category::kLm), "Lm"}, {"modifierletter", one(Category::kLm), "Lm"},
    {"lo", one(Category::kLo), "Lo"}, {"otherletter", one(Category::kLo), "Lo"},
    {"lc", one(Category::kLu) | one(Category::kLl) | one(Category::kLt), "L&"}, {"casedletter", one(Category::kLu) | one(Category::kLl) | one(Category::kLt), "L&"},
    {"m", kMarks, "M"}, {"mark", kMarks, "M"}, {"combiningmark", kMarks, "M"},
    {"mn", one(Category::kMn), "Mn"}, {"nonspacingmark", one(Category::kMn), "Mn"},
    {"mc", one(Category::kMc), "Mc"}, {"spacingmark", one(Category::kMc), "Mc"},
    {"me", one(Category::kMe), "Me"}, {"enclosingmark", one(Category::kMe), "Me"},
    {"n", kNumbers, "N"}, {"number", kNumbers, "N"},
    {"nd", one(Category::kNd), "Nd"}, {"decimalnumber", one(Category::kNd), "Nd"}, {"digit", one(Category::kNd), "Nd"},
    {"nl", one(Category::kNl), "Nl"}, {"letternumber", one(Category::kNl), "Nl"},
    {"no", one(Category::kNo), "No"}, {"othernumber", one(Category::kNo), "No"},
    {"p", kPunctuation, "P"}, {"punctuation", kPunctuation, "P"},
    {"pc", one(Category::kPc), "Pc"}, {"connectorpunctuation", one(Category::kPc), "Pc"},
    {"pd", one(Category::kPd), "Pd"}, {"dashpunctuation", one(Category::kPd), "Pd"},
    {"ps", one(Category::kPs), "Ps"}, {"openpunctuation", one(Category::kPs), "Ps"},
    {"pe", one(Category::kPe), "Pe"}, {"closepunctuation", one(Category::kPe), "Pe"},
    {"pi", one(Category::kPi), "Pi"}, {"initialpunctuation", one(Category::kPi), "Pi"},
    {"pf", one(Category::kPf), "Pf"}, {"finalpunctuation", one(Category::kPf), "Pf"},
    {"po", one(Category::kPo), "Po"}, {"otherpunctuation", one(Category::kPo), "Po"},
    {"s", kSymbols, "S"}, {"symbol", kSymbols, "S"},
    {"sm", one(Category::kSm), "Sm"}, {"mathsymbol", one(Category::kSm), "Sm"},
    {"sc", one(Category::kSc), "Sc"}, {"currencysymbol", one(Category::kSc), "Sc"},
    {"sk", one(Category::kSk), "Sk"}, {"modifiersymbol", one(Category::kSk), "Sk"},
    {"so", one(Category::kSo), "So"}, {"othersymbol", one(Category::kSo), "So"},
    {"z", kSeparators, "Z"}, {"separator", kSeparators, "Z"},
    {"zs", one(Category::kZs), "Zs"}, {"spaceseparator", one(Category::kZs), "Zs"},
    {"zl", one(Category::kZl), "Zl"}, {"lineseparator", one(Category::kZl), "Zl"},
    {"zp", one(Category::kZp), "Zp"}, {"paragraphseparator", one(Category::kZp), "Zp"},
    {"c", kOthers, nullptr}, {"other", kOthers, nullptr},
    {"cc", one(Category::kCc), "Cc"}, {"control", one(Category::kCc), "Cc"}, {"cntrl", one(Category::kCc), "Cc"},
    {"cf", one(Category::kCf), "Cf"}, {"format", one(Category::kCf), "Cf"},
    {"cn", one(Category::kCn), nullptr}, {"unassigned", one(Category::kCn), nullptr},
    {"co", one(Category::kCo), "Co"}, {"privateuse", one(Category::kCo), "Co"},
    {"cs", one(Category::kCs), "Cs"}, {"surrogate", one(Category::kCs), "Cs"},
};

// The age that PCRE2's own tables know; kV17 means that they may know too much.
Age pcre2_age() {
  char version[32] = {};
  pcre2_config(PCRE2_CONFIG_UNICODE_VERSION, version);
  const int major = std::atoi(version);
  if (major >= 17) return Age::kV17;
  if (major == 16) return Age::kV16;
  if (major == 15) return Age::kV15;  // 15.1 adds ideographs, which are then said twice
  if (major >= 14) return Age::kV14;
  return major >= 9 ? Age::kV9 : Age::kV8;
}

CodeSet set_of(std::uint32_t categories) {
  CodeSet set;
  for (char32_t c = 0, first = 0; c <= kLast + 1; ++c) {
    const bool in = c <= kLast && is_one_of(category(c, Age::kV16), categories);
    const bool was_in = c > 0 && is_one_of(category(c - 1, Age::kV16), categories);
    if (in && !was_in) first = c;
    if (!in && was_in) set.add(first, c - 1);
  }
  return set;
}

ClassItem explicit_item(CodeSet set) {
  std::string inside = set.ranges();
  return {std::move(set), std::move(inside)};
}

ClassItem joined(ClassItem a, const ClassItem& b) {
  a.set.add(b.set);
  a.inside += b.inside;
  return a;
}

ClassItem ranges_item(std::initializer_list<std::pair<char32_t, char32_t>> ranges) {
  CodeSet set;
  for (const auto& [first, last] : ranges) set.add(first, last);
  return explicit_item(std::move(set));
}

ClassItem space_item() {
  return ranges_item({{9, 13}, {32, 32}, {0x85, 0x85}, {0xA0, 0xA0}, {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}});
}

ClassItem word_item() {
  const ClassItem more = ranges_item({{0x24B6, 0x24E9}, {0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189}});
  return joined(categories_item(kLetters | kMarks | mask(Category::kNd) | mask(Category::kNl) | mask(Category::kPc)), more);
}

ClassItem upper_item() {
  return joined(categories_item(mask(Category::kLu)), ranges_item({{0x2160, 0x216F}, {0x24B6, 0x24CF}, {0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189}}));
}

ClassItem lower_item() {
  return joined(categories_item(mask(Category::kLl)),
                ranges_item({{0xAA, 0xAA}, {0xBA, 0xBA}, {0x2B0, 0x2B8}, {0x2C0, 0x2C1}, {0x2E0, 0x2E4}, {0x345, 0x345}, {0x37A, 0x37A}, {0x10FC, 0x10FC},
                             {0x1D2C, 0x1D6A}, {0x1D78, 0x1D78}, {0x1D9B, 0x1DBF}, {0x2071, 0x2071}, {0x207F, 0x207F}, {0x2090, 0x209C}, {0x2170, 0x217F},
                             {0x24D0, 0x24E9}, {0x2C7C, 0x2C7D}, {0xA69C, 0xA69D}, {0xA770, 0xA770}, {0xA7F2, 0xA7F4}, {0xA7F8, 0xA7F9}, {0xAB5C, 0xAB5F},
                             {0xAB69, 0xAB69}, {0x10780, 0x10780}, {0x10783, 0x10785}, {0x10787, 0x107B0}, {0x107B2, 0x107BA}, {0x1E030, 0x1E06D}}));
}

// Properties that this file does not list (scripts above all) are PCRE2's own, of its own version.
bool pcre2_item(std::string_view name, ClassItem& item) {
  const std::string pattern = "\\p{" + std::string(name) + "}";
  int error = 0;
  PCRE2_SIZE at = 0;
  std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)> code(
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), PCRE2_UTF | PCRE2_UCP, &error, &at, nullptr), pcre2_code_free);
  if (!code) return false;
  std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> match(pcre2_match_data_create(1, nullptr), pcre2_match_data_free);
  CodeSet set;
  for (char32_t c = 0; c <= kLast; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string text;
    append_utf8(c, text);
    if (pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, PCRE2_NO_UTF_CHECK | PCRE2_ANCHORED, match.get(), nullptr) > 0) set.add(c, c);
  }
  item = {std::move(set), pattern};
  return true;
}

// What was alphabetic in PCRE2's version (14 or younger), and what has become so until 16.
bool alpha_item(ClassItem& item) {
  if (!pcre2_item("Alphabetic", item)) return false;
  const ClassItem marks = ranges_item({{0x363, 0x36F}, {0x897, 0x897}, {0xC04, 0xC04}, {0xCF3, 0xCF3}, {0xF82, 0xF83}, {0x1DD3, 0x1DE6}, {0x10D69, 0x10D69},
                                       {0x10EFC, 0x10EFC}, {0x11080, 0x11081}, {0x11241, 0x11241}, {0x113B8, 0x113C0}, {0x113C2, 0x113C2}, {0x113C5, 0x113C5},
                                       {0x113C7, 0x113CA}, {0x113CC, 0x113CD}, {0x11F00, 0x11F01}, {0x11F03, 0x11F03}, {0x11F34, 0x11F3A}, {0x11F3E, 0x11F40},
                                       {0x1611E, 0x1612E}, {0x1E08F, 0x1E08F}});
  item = joined(joined(std::move(item), marks), categories_item(kLetters | mask(Category::kNl)));
  return true;
}

// Han by script, and the ideographs that came with Unicode 15.
bool han_item(ClassItem& item) {
  if (!pcre2_item("sc:Han", item) && !pcre2_item("Han", item)) return false;
  item = joined(std::move(item), ranges_item({{0x2B739, 0x2B739}, {0x2EBF0, 0x2EE5D}, {0x31350, 0x323AF}}));
  return true;
}

}  // namespace

void CodeSet::add(char32_t first, char32_t last) {
  ranges_.push_back({first, last});
  is_normal_ = false;
}

void CodeSet::add(const CodeSet& other) {
  ranges_.insert(ranges_.end(), other.ranges_.begin(), other.ranges_.end());
  is_normal_ = false;
}

void CodeSet::normalise() const {
  if (is_normal_) return;
  std::sort(ranges_.begin(), ranges_.end());
  std::vector<std::pair<char32_t, char32_t>> merged;
  for (const auto& range : ranges_) {
    if (!merged.empty() && range.first <= merged.back().second + 1) merged.back().second = std::max(merged.back().second, range.second);
    else merged.push_back(range);
  }
  ranges_ = std::move(merged);
  is_normal_ = true;
}

CodeSet CodeSet::complement() const {
  normalise();
  CodeSet result;
  char32_t next = 0;
  for (const auto& [first, last] : ranges_) {
    if (first > next) result.add(next, first - 1);
    next = last + 1;
  }
  if (next <= kLast) result.add(next, kLast);
  return result;
}

CodeSet CodeSet::intersection(const CodeSet& other) const {
  CodeSet outside = complement();
  outside.add(other.complement());
  return outside.complement();
}

bool CodeSet::contains(char32_t c) const {
  normalise();
  const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), std::pair<char32_t, char32_t>(c, kLast));
  return after != ranges_.begin() && std::prev(after)->second >= c;
}

std::string CodeSet::ranges() const {
  normalise();
  std::string text;
  char part[48];
  const auto write = [&](char32_t first, char32_t last) {
    if (first > last) return;
    if (first == last) std::snprintf(part, sizeof part, "\\x{%x}", static_cast<unsigned>(first));
    else std::snprintf(part, sizeof part, "\\x{%x}-\\x{%x}", static_cast<unsigned>(first), static_cast<unsigned>(last));
    text += part;
  };
  for (const auto& [first, last] : ranges_) {  // PCRE2 refuses surrogates, which valid text does not hold
    if (last < 0xD800 || first > 0xDFFF) {
      write(first, last);
    } else {
      if (first < 0xD800) write(first, 0xD7FF);
      if (last > 0xDFFF) write(0xE000, last);
    }
  }
  return text;
}

ClassItem categories_item(std::uint32_t categories) {
  const Age known = pcre2_age();
  CodeSet set = set_of(categories);
  if (known == Age::kV17) return explicit_item(std::move(set));
  std::string inside;
  std::uint32_t said = 0;
  for (const NamedCategories& named : kNamed) {  // groups come before their members
    if (named.pcre2 && (named.categories & ~categories) == 0 && (named.categories & ~said) != 0) {
      inside += "\\p{" + std::string(named.pcre2) + "}";
      said |= named.categories;
    }
  }
  if (said != categories) return explicit_item(std::move(set));
  CodeSet younger;
  for (char32_t c = 0; c <= kLast; ++c) {
    const std::uint8_t entry = character_table()[c];
    if (age_of(entry) > known && is_one_of(category(c, Age::kV16), categories)) younger.add(c, c);
  }
  return {std::move(set), inside + younger.ranges()};
}

ClassItem bare_word_item() { return joined(word_item(), ranges_item({{0xB2, 0xB3}, {0xB9, 0xB9}, {0xBC, 0xBE}})); }

ClassItem inverted(const ClassItem& item) { return explicit_item(item.set.complement()); }

bool named_item(std::string_view name, ClassItem& item) {
  std::string key;
  for (const char c : name) {
    if (c != ' ' && c != '_' && c != '-') key += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  }
  for (const NamedCategories& named : kNamed) {
    if (key == named.name) {
      item = categories_item(named.categories);
      return true;
    }
  }
  const auto ascii = [](char32_t first, char32_t last) { return std::pair<char32_t, char32_t>{first, last}; };
  if (key == "space" || key == "whitespace") item = space_item();
  else if (key == "word") item = word_item();
  else if (key == "any") item = ranges_item({{0, kLast}});
  else if (key == "ascii") item = ranges_item({ascii(0, 0x7F)});
  else if (key == "xdigit" || key == "asciihexdigit") item = ranges_item({ascii('0', '9'), ascii('A', 'F'), ascii('a', 'f')});
  else if (key == "blank") item = joined(categories_item(mask(Category::kZs)), ranges_item({ascii(9, 9)}));
  else if (key == "upper" || key == "uppercase") item = upper_item();
  else if (key == "lower" || key == "lowercase") item = lower_item();
  else if (key == "alpha" || key == "alphabetic") return alpha_item(item);
  else if (key == "alnum") {
    if (!alpha_item(item)) return false;
    item = joined(std::move(item), categories_item(mask(Category::kNd)));
  } else if (key == "punct") {
    item = categories_item(kPunctuation);
  } else if (key == "han") {
    return han_item(item);
  } else if (key == "graph" || key == "print") {
    ClassItem hidden = joined(categories_item(mask(Category::kCc) | mask(Category::kCn) | mask(Category::kCs)), space_item());
    item = inverted(hidden);
    if (key == "print") item = joined(std::move(item), categories_item(mask(Category::kZs)));
  } else {
    return pcre2_item("sc:" + std::string(name), item) || pcre2_item(name, item);
  }
  return true;
}

}  // namespace temper::data::tokenizers
