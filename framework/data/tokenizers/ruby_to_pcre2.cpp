// Translates an expression of Ruby's syntax into one of PCRE2's that matches the same.
#include "data/tokenizers/code_set.h"
#include "data/tokenizers/regex.h"
#include "data/tokenizers/unicode.h"

#include <temper/utf8.h>

#include <cstdio>

namespace temper::data::tokenizers {

namespace {

class Translator {
 public:
  explicit Translator(std::string_view pattern) : pattern_(pattern), at_(pattern.data()), end_(pattern.data() + pattern.size()) {}

  std::string run() {
    while (at_ < end_) step();
    if (!open_.empty()) fail("a group is not closed");
    return std::move(out_);
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw Error("the expression \"" + std::string(pattern_) + "\" is not understood: " + why + " (at byte " + std::to_string(at_ - pattern_.data()) + ")");
  }
  bool more() const { return at_ < end_; }
  bool ahead(std::string_view text) const { return static_cast<std::size_t>(end_ - at_) >= text.size() && std::string_view(at_, text.size()) == text; }
  char32_t take() {
    if (!more()) fail("it ends too early");
    return next_character(at_);
  }

  // One atom, quantifier or group mark.
  void step() {
    const std::size_t begins = out_.size();
    switch (*at_) {
      case '\\': escape(); atom_ = begins; return;
      case '[': {
        ++at_;
        bool negated = false;
        const ClassItem item = parse_class(negated);
        if (item.inside.empty()) out_ += negated ? "(?s:.)" : "(?!)";  // an intersection may hold nothing
        else out_ += (negated ? "[^" : "[") + item.inside + ']';
        atom_ = begins;
        return;
      }
      case '(': group(); return;
      case ')':
        ++at_;
        if (open_.empty()) fail("a closing parenthesis has no opening one");
        atom_ = open_.back();
        open_.pop_back();
        out_ += ')';
        return;
      case '*': case '+': case '?':
        out_ += *at_++;
        if (more() && (*at_ == '?' || *at_ == '+')) out_ += *at_++;
        return;
      case '{': interval(); return;
      case '|': out_ += *at_++; atom_ = out_.size(); return;
      default: {
        const char* start = at_;
        take();
        out_.append(start, at_);
        atom_ = begins;
      }
    }
  }

  // {n}, {n,}, {,m}, {n,m}. Behind it, "+" is no possessive mark but one more quantifier, as is "?" behind {n}.
  void interval() {
    const char* p = at_ + 1;
    std::string low, high;
    while (p < end_ && *p >= '0' && *p <= '9') low += *p++;
    const bool comma = p < end_ && *p == ',';
    if (comma) ++p;
    while (p < end_ && *p >= '0' && *p <= '9') high += *p++;
    if (p >= end_ || *p != '}' || (low.empty() && high.empty())) {  // a brace as itself
      const std::size_t begins = out_.size();
      out_ += "\\{";
      ++at_;
      atom_ = begins;
      return;
    }
    at_ = p + 1;
    out_ += '{' + (low.empty() ? "0" : low) + (comma ? "," : "") + high + '}';
    if (more() && (*at_ == '+' || (*at_ == '?' && !comma))) {
      out_.insert(atom_, "(?:");
      out_ += ')';
      out_ += *at_++;
    } else if (more() && *at_ == '?') {
      out_ += *at_++;
    }
  }

  void group() {
    const std::size_t begins = out_.size();
    if (ahead("(?#")) {
      while (more() && *at_ != ')') ++at_;
      if (!more()) fail("a comment is not closed");
      ++at_;
      return;
    }
    if (!ahead("(?")) {
      ++at_;
      out_ += '(';
      open_.push_back(begins);
      atom_ = out_.size();
      return;
    }
    for (const char* mark : {"(?:", "(?=", "(?!", "(?>", "(?<=", "(?<!"}) {
      if (ahead(mark)) {
        at_ += std::string_view(mark).size();
        out_ += mark;
        open_.push_back(begins);
        atom_ = out_.size();
        return;
      }
    }
    if (ahead("(?<") || ahead("(?'")) {
      while (more() && *at_ != '>' && !(*at_ == '\'' && out_.size() > begins + 2)) out_ += *at_++;
      if (!more()) fail("a group's name is not closed");
      out_ += *at_++;
      open_.push_back(begins);
      atom_ = out_.size();
      return;
    }
    // Flags: (?imx-imx) or (?imx-imx:...). Ruby's m lets the dot match line ends, which is s elsewhere.
    at_ += 2;
    out_ += "(?";
    while (more() && *at_ != ')' && *at_ != ':') {
      if (*at_ != 'i' && *at_ != 'm' && *at_ != 'x' && *at_ != '-') fail(std::string("the group (?") + *at_ + " is unknown");
      out_ += *at_ == 'm' ? 's' : *at_;
      ++at_;
    }
    if (!more()) fail("a group is not closed");
    if (*at_ == ':') open_.push_back(begins);
    out_ += *at_++;
    atom_ = out_.size();
  }

  // \x{41}, \x41, \u0041, \t... as one code point. False: it is none of these, and nothing was read behind the backslash.
  bool literal_escape(char32_t& c) {
    switch (*at_) {
      case 't': c = '\t'; break;
      case 'n': c = '\n'; break;
      case 'r': c = '\r'; break;
      case 'f': c = '\f'; break;
      case 'v': c = '\v'; break;
      case 'a': c = 7; break;
      case 'e': c = 27; break;
      case 'x': case 'u': {
        const bool is_x = *at_++ == 'x';
        std::string digits;
        if (is_x && more() && *at_ == '{') {
          ++at_;
          while (more() && *at_ != '}') digits += *at_++;
          if (!more()) fail("a code point is not closed");
          ++at_;
        } else {
          for (int i = is_x ? 2 : 4; i > 0 && more() && std::isxdigit(static_cast<unsigned char>(*at_)); --i) digits += *at_++;
        }
        if (digits.empty() || digits.size() > 8 || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) fail("a code point is not hexadecimal");
        c = static_cast<char32_t>(std::stoul(digits, nullptr, 16));
        if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) fail("a code point is out of range");
        return true;
      }
      default: return false;
    }
    ++at_;
    return true;
  }

  // \d \w \s \h \p{..} and their opposites. False: it is none of these.
  bool set_escape(ClassItem& item, bool& opposite) {
    const char kind = *at_;
    opposite = kind == 'D' || kind == 'W' || kind == 'S' || kind == 'H' || kind == 'P';
    switch (kind) {
      case 'd': case 'D': ++at_; return named_item("digit", item);
      case 'w': case 'W': ++at_; return named_item("word", item);
      case 's': case 'S': ++at_; return named_item("space", item);
      case 'h': case 'H': ++at_; return named_item("xdigit", item);
      case 'p': case 'P': {
        ++at_;
        if (!more() || *at_ != '{') fail("\\p needs a name in braces");
        ++at_;
        if (more() && *at_ == '^') {
          opposite = !opposite;
          ++at_;
        }
        std::string name;
        while (more() && *at_ != '}') name += *at_++;
        if (!more()) fail("\\p{ is not closed");
        ++at_;
        if (!named_item(name, item)) fail("there is no property \"" + name + "\"");
        return true;
      }
      default: return false;
    }
  }

  void escape() {
    ++at_;
    if (!more()) fail("it ends with a backslash");
    ClassItem item;
    bool opposite = false;
    char32_t c = 0;
    if (*at_ == 'w' || *at_ == 'W') {
      out_ += (*at_++ == 'W' ? "[^" : "[") + bare_word_item().inside + ']';
    } else if (set_escape(item, opposite)) {
      out_ += (opposite ? "[^" : "[") + item.inside + ']';
    } else if (literal_escape(c)) {
      append_code(c);
    } else if (*at_ == 'b' || *at_ == 'B') {  // between what is \w here, not there
      const std::string w = '[' + bare_word_item().inside + ']';
      out_ += *at_ == 'b' ? "(?:(?<=" + w + ")(?!" + w + ")|(?<!" + w + ")(?=" + w + "))" : "(?:(?<=" + w + ")(?=" + w + ")|(?<!" + w + ")(?!" + w + "))";
      ++at_;
    } else {  // other assertions (\A \z ...), back references, quoted punctuation: the same in PCRE2
      out_ += '\\';
      const char* start = at_;
      take();
      out_.append(start, at_);
    }
  }

  void append_code(char32_t c) {
    char text[16];
    std::snprintf(text, sizeof text, "\\x{%x}", static_cast<unsigned>(c));
    out_ += text;
  }

  // Behind "[". Reads up to the closing bracket; `negated` tells whether the item is to be taken as the class's opposite.
  ClassItem parse_class(bool& negated) {
    if (++depth_ > 50) fail("its sets are nested too deeply");
    negated = more() && *at_ == '^';
    if (negated) ++at_;
    ClassItem all;
    bool empty = true, intersect = false;
    ClassItem left;
    bool first = true;
    for (;; first = false) {
      if (!more()) fail("a set is not closed");
      if (*at_ == ']' && !(first && std::string_view(at_ + 1, static_cast<std::size_t>(end_ - at_ - 1)).find(']') != std::string_view::npos)) break;
      if (ahead("&&")) {
        at_ += 2;
        left = intersect ? intersection(left, all) : all;
        intersect = true;
        all = {};
        continue;
      }
      add_member(all);
      empty = false;
    }
    ++at_;
    --depth_;
    if (empty) fail("a set is empty");
    return intersect ? intersection(left, all) : all;
  }

  static ClassItem intersection(const ClassItem& a, const ClassItem& b) {
    ClassItem result;
    result.set = a.set.intersection(b.set);
    result.inside = result.set.ranges();
    return result;
  }

  static void add(ClassItem& all, const ClassItem& item) {
    all.set.add(item.set);
    all.inside += item.inside;
  }

  // One member of a set: a nested set, a named one, a character, or a range.
  void add_member(ClassItem& all) {
    if (ahead("[:")) {
      const std::string_view rest(at_ + 2, static_cast<std::size_t>(end_ - at_ - 2));
      const std::size_t close = rest.find(":]");
      if (close != std::string_view::npos && rest.find_first_of("[]") >= close) {
        std::string_view name = rest.substr(0, close);
        const bool opposite = !name.empty() && name[0] == '^';
        if (opposite) name.remove_prefix(1);
        ClassItem item;
        if (name == "punct") item = categories_item(kPunctuation | kSymbols);  // as a bracket it holds symbols too
        else if (!named_item(name, item)) fail("there is no set [:" + std::string(name) + ":]");
        at_ += 2 + close + 2;
        add(all, opposite ? inverted(item) : item);
        return;
      }
    }
    if (*at_ == '[') {
      ++at_;
      bool negated = false;
      const ClassItem item = parse_class(negated);
      add(all, negated ? inverted(item) : item);
      return;
    }
    if (*at_ == '\\') {
      const char* before = at_++;
      if (!more()) fail("it ends with a backslash");
      ClassItem item;
      bool opposite = false;
      if (set_escape(item, opposite)) {
        add(all, opposite ? inverted(item) : item);
        return;
      }
      at_ = before;
    }
    const char32_t low = member_character();
    char32_t high = low;
    if (more() && *at_ == '-' && at_ + 1 < end_ && at_[1] != ']' && at_[1] != '[') {
      const char* before = at_++;
      if (*at_ == '\\' && at_ + 1 < end_ && std::string_view("dDwWsShHpP").find(at_[1]) != std::string_view::npos) at_ = before;  // "-" as itself
      else high = member_character();
    }
    if (high < low) fail("a range goes backwards");
    ClassItem item;
    item.set.add(low, high);
    item.inside = item.set.ranges();
    add(all, item);
  }

  char32_t member_character() {
    if (*at_ != '\\') return take();
    ++at_;
    if (!more()) fail("it ends with a backslash");
    char32_t c = 0;
    if (*at_ == 'b') {  // within a set, a backspace
      ++at_;
      return 8;
    }
    if (literal_escape(c)) return c;
    return take();
  }

  std::string_view pattern_;
  const char* at_;
  const char* end_;
  std::string out_;
  std::size_t atom_ = 0;               // where the atom before a quantifier begins in out_
  std::vector<std::size_t> open_;      // where the open groups begin in out_
  int depth_ = 0;
};

}  // namespace

std::string ruby_to_pcre2(std::string_view pattern) {
  if (valid_utf8_prefix(pattern) != pattern.size()) throw Error("a split expression is not valid UTF-8");
  return Translator(pattern).run();
}

}  // namespace temper::data::tokenizers
