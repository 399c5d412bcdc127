// A JSON file: what a plugin keeps of its state beside numbers, which temper/array_file.h holds. Every Error names the file.
#pragma once

#include <filesystem>
#include <string>

#include <temper/options.h>
#include <temper/value.h>

namespace temper {

// One line. Replaces the file at once. Throws Error when it cannot be written.
void write_json_file(const std::filesystem::path& file, const Value& document);

class JsonFile {
 public:
  // Throws Error when it cannot be read, or is no JSON, then with the place.
  explicit JsonFile(std::filesystem::path file);
  const Value& document() const { return document_; }

  // The document, a member of it, or one of a table in it, as whatever `from_value` reads. Throws Error when it is missing or of
  // another type.
  template <class T> T as() const { return as<T>(document_, ""); }
  template <class T> T read(const std::string& key) const { return read<T>(document_, key); }
  template <class T> T read(const Value& table, const std::string& key) const { return as<T>(member(table, key), key + ": "); }
  const Value& member(const Value& table, const std::string& key) const;

  [[noreturn]] void fail(const std::string& what) const;

 private:
  template <class T> T as(const Value& value, const std::string& where) const {
    T field{};
    try {
      from_value(value, field);
    } catch (const Error& error) {
      fail(where + error.what());
    }
    return field;
  }

  std::filesystem::path file_;
  Value document_;
};

}  // namespace temper
