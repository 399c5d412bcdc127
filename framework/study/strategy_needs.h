// What a strategy says of itself, as a worker tells it to the coordinator.
#pragma once

#include <temper/strategy.h>
#include <temper/value.h>

namespace temper::study {

// { needs = { model, training, prompt, seed, frozen, unread }, cannot = { TASK = why, ... for every task, empty where it can } }
Value describe_needs(const Strategy& strategy);
// Throws Error for what is no such table.
Needs needs_from_value(const Value& value);

}  // namespace temper::study
