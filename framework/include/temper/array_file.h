// Named arrays of numbers in a safetensors file: what a plugin without torch keeps of its state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace temper {

// Collects arrays, then writes them. T is float, double or std::int64_t.
class ArrayWriter {
 public:
  ArrayWriter();
  ~ArrayWriter();
  // The numbers belong to the caller until `write`.
  template <class T> void add(const std::string& name, std::vector<std::int64_t> shape, std::span<const T> numbers);
  // Replaces the file at once. Throws Error naming it when it cannot be written, or numbers do not fill their shape.
  void write(const std::filesystem::path& file) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Every length is checked: a damaged file is an Error, never a read outside it.
class ArrayReader {
 public:
  explicit ArrayReader(const std::filesystem::path& file);
  ~ArrayReader();
  // The numbers of an array. `shape` is what it must be, -1 standing for any length; these are filled in. Throws Error naming file and
  // array when it is missing, of another type or shape.
  template <class T> std::vector<T> read(const std::string& name, std::vector<std::int64_t>& shape) const;
  // The same where the shape is known.
  template <class T> std::vector<T> read(const std::string& name, const std::vector<std::int64_t>& shape) const {
    std::vector<std::int64_t> wanted = shape;
    return read<T>(name, wanted);
  }
  // An Error that names the file.
  [[noreturn]] void fail(const std::string& what) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace temper
