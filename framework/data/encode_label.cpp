// One sequence and what is said of it as a whole: a label, several labels, or a number.
#include <temper/error.h>

#include "data/encode_parts.h"
#include "data/task_encoders.h"

namespace temper::data {

namespace {

class TextEncoder : public ItemEncoder {
 public:
  TextEncoder(const PromptOptions& prompt, const Tokenizer* tokenizer, const EncodeSettings& settings) : input_(prompt.input), tokenizer_(tokenizer), settings_(settings) {}

 protected:
  virtual void add_target(const Item&, const Targets&, Example&) const {}

 private:
  EncodedItem encoded(const Item& item, const Targets* targets) const final {
    EncodedItem encoded = one_sequence(item, input_, tokenizer_, settings_);
    if (targets) add_target(item, *targets, encoded.examples.front());
    return encoded;
  }

  Template input_;
  const Tokenizer* tokenizer_;
  EncodeSettings settings_;
};

TextEncoder text_encoder(const EncoderSetup& setup) { return {setup.prompt, setup.tokenizer, setup.settings}; }

class LabelEncoder final : public TextEncoder {
 public:
  explicit LabelEncoder(const EncoderSetup& setup) : TextEncoder(text_encoder(setup)), classes_(setup.task.labels) {}

 private:
  void add_target(const Item& item, const Targets& targets, Example& example) const override {
    example.labels = {classes_.of(item, only_target<Label>(item, targets, "label").name)};
  }
  Classes classes_;
};

class LabelsEncoder final : public TextEncoder {
 public:
  explicit LabelsEncoder(const EncoderSetup& setup) : TextEncoder(text_encoder(setup)), classes_(setup.task.labels) {}

 private:
  void add_target(const Item& item, const Targets& targets, Example& example) const override {
    example.values.assign(classes_.size(), 0);
    for (const std::string& name : only_target<Labels>(item, targets, "list of labels").names) example.values[static_cast<std::size_t>(classes_.of(item, name))] = 1;
  }
  Classes classes_;
};

class ScoreEncoder final : public TextEncoder {
 public:
  explicit ScoreEncoder(const EncoderSetup& setup) : TextEncoder(text_encoder(setup)) {}

 private:
  void add_target(const Item& item, const Targets& targets, Example& example) const override {
    example.values = {static_cast<float>(only_target<Score>(item, targets, "number").value)};
  }
};

}  // namespace

std::unique_ptr<ItemEncoder> make_text_encoder(const PromptOptions& prompt, const Tokenizer* tokenizer, const EncodeSettings& settings) {
  return std::make_unique<TextEncoder>(prompt, tokenizer, settings);
}
std::unique_ptr<ItemEncoder> label_encoder(const EncoderSetup& setup) { return std::make_unique<LabelEncoder>(setup); }
std::unique_ptr<ItemEncoder> labels_encoder(const EncoderSetup& setup) { return std::make_unique<LabelsEncoder>(setup); }
std::unique_ptr<ItemEncoder> score_encoder(const EncoderSetup& setup) { return std::make_unique<ScoreEncoder>(setup); }

}  // namespace temper::data
