// Templates: the one way in which an item becomes text, for training, shots, retrieval and prediction alike.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <temper/item.h>
#include <temper/options.h>

namespace temper {

struct PromptOptions {
  std::string input = "{text}";
  std::map<std::string, std::string> labels;
  void visit(OptionVisitor& v);
};

// A template is text with {field} in it; {{ and }} are literal braces.
class Template {
 public:
  explicit Template(std::string_view text);  // throws Error on an unbalanced brace
  const std::vector<std::string>& fields() const { return fields_; }
  std::string render(const Item& item) const;  // throws Error when the item lacks a field, with did-you-mean

 private:
  std::vector<std::string> literals_;  // one more than fields_
  std::vector<std::string> fields_;
};

}  // namespace temper
