// HDF5 files, groups, datasets and attributes as values that close themselves, with errors that name file and object.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace temper::record {

// An identifier of the HDF5 library that is closed with the last owner: move only.
class Hdf5Handle {
 public:
  Hdf5Handle() = default;
  explicit Hdf5Handle(std::int64_t id) : id_(id) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept;
  ~Hdf5Handle();
  std::int64_t id() const { return id_; }
  explicit operator bool() const { return id_ >= 0; }

 private:
  std::int64_t id_ = -1;
};

// What an attribute holds. A bool is what h5py reads as numpy.bool_; strings are UTF-8 of variable length.
using Hdf5Attribute =
    std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>>;

// What a dataset holds: one string, or a 1-D column; a matrix is a column of numbers with a shape.
struct Hdf5Bools {  // not vector<bool>, whose elements cannot be handed to a C library
  std::vector<std::int8_t> values;
  friend bool operator==(const Hdf5Bools&, const Hdf5Bools&) = default;
};
using Hdf5Data = std::variant<std::string, std::vector<double>, std::vector<std::int64_t>, std::vector<std::string>, Hdf5Bools>;

// What a reader needs to know about a dataset; stored as attributes of these names.
struct Label {
  std::string long_name;
  std::string units;  // empty: none, and then no attribute
};

// A group of a file; the file stays open while one of its groups is. Paths are relative to the group, parts joined by "/".
// Every function throws Error ("results/a/study.h5: /trials/0001/loss: ...") when the library fails.
class Hdf5Group {
 public:
  enum class Order { kByName, kAsCreated };  // of the members, for readers that list them (h5py, pandas)
  Hdf5Group create_group(std::string_view path, Order order = Order::kByName);  // with those above it that lack
  Hdf5Group group(std::string_view path) const;   // throws when there is none
  bool has(std::string_view path) const;
  bool has_group(std::string_view path) const;
  std::vector<std::string> names() const;  // of all members, in byte order

  void write(std::string_view name, std::span<const double> values, const Label& label);
  void write(std::string_view name, std::span<const std::int64_t> values, const Label& label);
  void write(std::string_view name, std::span<const std::string> values, const Label& label);
  void write(std::string_view name, const Hdf5Bools& values, const Label& label);
  void write_matrix(std::string_view name, std::span<const double> values, std::int64_t rows, std::int64_t columns, const Label& label);
  void write_text(std::string_view name, const std::string& text, const Label& label);  // a scalar

  Hdf5Data read(std::string_view path) const;
  std::vector<std::int64_t> shape(std::string_view path) const;  // empty for a scalar
  // As `read`, and Error when the dataset holds something else; read_floats takes integers too.
  std::vector<double> read_floats(std::string_view path) const;
  std::vector<std::int64_t> read_integers(std::string_view path) const;
  std::vector<std::string> read_strings(std::string_view path) const;
  std::string read_text(std::string_view path) const;

  // Attributes of the group, or of the member `path`.
  void set_attribute(std::string_view name, const Hdf5Attribute& value, std::string_view path = ".");
  std::optional<Hdf5Attribute> attribute(std::string_view name, std::string_view path = ".") const;
  std::map<std::string, Hdf5Attribute> attributes(std::string_view path = ".") const;
  // Throws when it is absent or of another type.
  std::string string_attribute(std::string_view name) const;
  std::int64_t integer_attribute(std::string_view name) const;
  double float_attribute(std::string_view name) const;

  void remove(std::string_view path);
  // Copies the member `from` of another group (another file's, too) with all below it to `to` here.
  void copy_from(const Hdf5Group& source, std::string_view from, std::string_view to);

  const std::string& path() const { return path_; }  // in the file: "/trials/0001"
  std::string where(std::string_view member = {}) const;  // "FILE: /trials/0001/loss", for messages

 protected:
  friend void write_hdf5(const std::filesystem::path& file, const std::function<void(Hdf5Group& root)>& fill);
  Hdf5Group(Hdf5Handle handle, std::string file, std::string path)
      : handle_(std::move(handle)), file_(std::move(file)), path_(std::move(path)) {}
  Hdf5Handle handle_;
  std::string file_;
  std::string path_;
};

// An open file and its root group.
class Hdf5File : public Hdf5Group {
 public:
  // Throws Error, with a remedy, for a file that is absent, cut short or no HDF5 file.
  static Hdf5File open(const std::filesystem::path& file);

 private:
  Hdf5File(Hdf5Handle root, std::string file) : Hdf5Group(std::move(root), std::move(file), "/") {}
};

// Writes a file so that a reader sees the old one or the whole new one, never a part (sealed_file.h). When `fill` or
// the disk fails, the old file stays and Error says why. The file is held in memory while it is filled.
void write_hdf5(const std::filesystem::path& file, const std::function<void(Hdf5Group& root)>& fill);

}  // namespace temper::record
