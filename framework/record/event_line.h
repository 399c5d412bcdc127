// One event as one line of JSON, and back.
#pragma once

#include <string>
#include <string_view>

#include "record/event_log.h"

namespace temper::record {

inline constexpr const char* kEventFormat = "temper-events";
inline constexpr std::int64_t kEventFormatVersion = 1;

std::string header_line();                 // with its newline
std::string to_line(const Event& event);   // with its newline
// Both throw Error with `where` ("trials/0001/events.jsonl:7") for a line that is not what it should be.
void check_header(std::string_view line, const std::string& where);
Event from_line(std::string_view line, const std::string& where);

}  // namespace temper::record
