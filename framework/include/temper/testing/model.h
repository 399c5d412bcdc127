// The promises of a model plugin, checked: one line in a plugin's own test.
//
//   TEST(Gpt2, KeepsTheModelContract) { temper::testing::check_model("gpt2", small_config); }
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <temper/testing/failure.h>
#include <temper/torch/model.h>
#include <temper/value.h>

namespace temper::testing {

// The checks, by the names that Failure::check carries:
//   has_shapes                    embed, layer and finish give what the contract says, layer also where single tokens are read
//   packed_equals_alone           a sequence's states do not depend on the others in its batch
//   sees_no_future                causal models: what comes later changes nothing
//   read_equals_full              the rows that are read are those of a full pass
//   names_each_parameter_once     no two entries of the table hold one tensor
//   trains_every_parameter        under each head, in float32 and bfloat16, every parameter gets a gradient
//   bf16_is_near_float32          products in bfloat16 change the states by a few per cent at most
//   evaluates_without_dropout     outside training nothing is drawn
//   dropout_ignores_the_batch     in training, a sequence's masks are the same alone and among others, and the same again; they
//                                 change from step to step (left out where packed_equals_alone failed)
//   saves_and_loads               what is saved under the parameters' names loads to the same bits
//   goes_on_behind_kept_tokens    causal models: tokens whose predecessors ran before, their keys and values kept, get the states of a whole
//                                 pass (left out where another check failed)
//   starts_from_seed              equal seeds give equal weights whatever the head, other seeds others
// Where has_shapes fails, the others are left out.
Failures model_failures(const std::function<std::unique_ptr<Model>()>& make);

// A model of the plugin's family, its weights not yet filled in: for what a plugin's own test wants to look at.
std::unique_ptr<Model> make_model(const std::string& name, const Value& config);

// Loads the plugin by its name with these config.json fields (small ones: the model is run dozens of times), and turns each
// failure into a failure of the running test.
void check_model(const std::string& name, const Value& config);

}  // namespace temper::testing
