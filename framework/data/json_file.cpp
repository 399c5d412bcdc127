// Written whole or not at all; read with the file's name in each complaint.
#include <temper/json_file.h>

#include <fstream>
#include <iterator>

#include "data/atomic_file.h"

namespace temper {

void write_json_file(const std::filesystem::path& file, const Value& document) { data::write_file_atomically(file, to_json(document) + '\n'); }

JsonFile::JsonFile(std::filesystem::path file) : file_(std::move(file)) {
  std::ifstream stream(file_, std::ios::binary);
  if (!stream) fail("cannot be read");
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (stream.bad()) fail("cannot be read");
  document_ = parse_json(text, file_.string());
}

const Value& JsonFile::member(const Value& table, const std::string& key) const {
  const Value* value = table.is_table() ? table.find(key) : nullptr;
  if (!value) fail("has no \"" + key + '"');
  return *value;
}

void JsonFile::fail(const std::string& what) const { throw Error(file_.string() + ' ' + what); }

}  // namespace temper
