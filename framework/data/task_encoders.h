// The encoders of single tasks, each in a file of its own: encode_label.cpp, encode_tags.cpp, ...
#pragma once

#include "data/encode_items.h"

namespace temper::data {

struct EncoderSetup {
  const TaskInfo& task;
  const PromptOptions& prompt;
  const Tokenizer* tokenizer;
  EncodeSettings settings;
};

std::unique_ptr<ItemEncoder> label_encoder(const EncoderSetup& setup);       // one label
std::unique_ptr<ItemEncoder> labels_encoder(const EncoderSetup& setup);      // several labels
std::unique_ptr<ItemEncoder> score_encoder(const EncoderSetup& setup);       // a number
std::unique_ptr<ItemEncoder> tags_encoder(const EncoderSetup& setup);        // a tag per word
std::unique_ptr<ItemEncoder> spans_encoder(const EncoderSetup& setup);       // a span of a context
std::unique_ptr<ItemEncoder> completion_encoder(const EncoderSetup& setup);  // prompt and answer
std::unique_ptr<ItemEncoder> document_encoder(const EncoderSetup& setup);    // the text itself

}  // namespace temper::data
