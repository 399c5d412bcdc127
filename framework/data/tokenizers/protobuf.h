// A reader of protocol buffer messages, in their wire format: keys and values in the order of the file, every length checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace temper::data::tokenizers {

class ProtobufReader {
 public:
  // `where` names the message, and `base` is the place of `bytes` in its file, for errors.
  ProtobufReader(std::string_view bytes, std::string where, std::size_t base = 0) : bytes_(bytes), where_(std::move(where)), base_(base) {}

  // Steps to the next field; false at the end. Throws Error for what is no field, or reaches beyond the message.
  bool next();
  std::uint32_t field() const { return field_; }

  // The value of the present field; an Error when it was written as something else.
  std::int64_t integer() const;
  bool boolean() const { return integer() != 0; }
  float number() const;
  std::string_view bytes() const;
  std::string text() const;                              // valid UTF-8
  ProtobufReader message(const std::string& name) const;  // a message inside of this one

  [[noreturn]] void fail(const std::string& what) const;

 private:
  enum class Wire : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
  std::uint64_t varint();
  void expect(Wire wire, const char* what) const;
  std::string_view bytes_;
  std::string where_;
  std::size_t base_, at_ = 0, start_ = 0;
  std::uint32_t field_ = 0;
  Wire wire_ = Wire::kVarint;
  std::uint64_t value_ = 0;    // of a varint, or the bits of a fixed one
  std::string_view content_;   // of kBytes
};

}  // namespace temper::data::tokenizers
