// ProtobufReader: keys, varints and lengths.
#include "data/tokenizers/protobuf.h"

#include <temper/error.h>
#include <temper/utf8.h>

#include <cstring>

namespace temper::data::tokenizers {

void ProtobufReader::fail(const std::string& what) const { throw Error(where_ + ": byte " + std::to_string(base_ + start_) + ": " + what); }

std::uint64_t ProtobufReader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (at_ >= bytes_.size()) fail("the message ends within a number");
    const unsigned char byte = static_cast<unsigned char>(bytes_[at_++]);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  fail("a number has more than 64 bits");
}

bool ProtobufReader::next() {
  if (at_ == bytes_.size()) return false;
  start_ = at_;
  const std::uint64_t key = varint();
  if (key >> 3 == 0 || key >> 32 != 0) fail("this is no field");
  field_ = static_cast<std::uint32_t>(key >> 3);
  const unsigned wire = static_cast<unsigned>(key & 7);
  if (wire != 0 && wire != 1 && wire != 2 && wire != 5) fail("field " + std::to_string(field_) + " has the unknown wire type " + std::to_string(wire));
  wire_ = static_cast<Wire>(wire);
  if (wire_ == Wire::kVarint) {
    value_ = varint();
    return true;
  }
  const std::uint64_t size = wire_ == Wire::kFixed64 ? 8 : wire_ == Wire::kFixed32 ? 4 : varint();
  if (size > bytes_.size() - at_) fail("field " + std::to_string(field_) + " says it has " + std::to_string(size) + " bytes, " + std::to_string(bytes_.size() - at_) + " are left");
  content_ = bytes_.substr(at_, static_cast<std::size_t>(size));
  at_ += static_cast<std::size_t>(size);
  if (wire_ != Wire::kBytes) {
    value_ = 0;
    for (std::size_t i = 0; i < content_.size(); ++i) value_ |= static_cast<std::uint64_t>(static_cast<unsigned char>(content_[i])) << (8 * i);
  }
  return true;
}

void ProtobufReader::expect(Wire wire, const char* what) const {
  if (wire_ != wire) fail("field " + std::to_string(field_) + " is not " + what);
}

std::int64_t ProtobufReader::integer() const {
  expect(Wire::kVarint, "an integer");
  return static_cast<std::int64_t>(value_);
}

float ProtobufReader::number() const {
  expect(Wire::kFixed32, "a 32-bit number");
  const std::uint32_t bits = static_cast<std::uint32_t>(value_);
  float number;
  std::memcpy(&number, &bits, sizeof number);
  return number;
}

std::string_view ProtobufReader::bytes() const {
  expect(Wire::kBytes, "a string");
  return content_;
}

std::string ProtobufReader::text() const {
  const std::string_view text = bytes();
  if (valid_utf8_prefix(text) != text.size()) fail("field " + std::to_string(field_) + " is not valid UTF-8");
  return std::string(text);
}

ProtobufReader ProtobufReader::message(const std::string& name) const {
  expect(Wire::kBytes, "a message");
  return ProtobufReader(content_, where_ + ": " + name, base_ + static_cast<std::size_t>(content_.data() - bytes_.data()));
}

}  // namespace temper::data::tokenizers
