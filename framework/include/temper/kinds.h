// The framework's own kinds of plugins: their names and interface versions. They stand here, and not beside their classes, so
// that a program without torch can tell a plugin of a wrong version before it is loaded.
// Raise a version by any change of the kind's header after which an older library would misbehave.
#pragma once

#define TEMPER_KIND_Dataset "dataset"
#define TEMPER_INTERFACE_Dataset 1

#define TEMPER_KIND_Metric "metric"
#define TEMPER_INTERFACE_Metric 2

#define TEMPER_KIND_Model "model"
#define TEMPER_INTERFACE_Model 5

#define TEMPER_KIND_Retriever "retriever"
#define TEMPER_INTERFACE_Retriever 2

#define TEMPER_KIND_Strategy "strategy"
#define TEMPER_INTERFACE_Strategy 6

#define TEMPER_KIND_Tokenizer "tokenizer"
#define TEMPER_INTERFACE_Tokenizer 1
