// One fuzz target: the reader that TEMPER_FUZZ_READER names. With libFuzzer it is called by it; else main() mutates files itself.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>

#include "fuzz/mutate.h"
#include "fuzz/readers.h"
#include "support/temporary_folder.h"

namespace {

using namespace temper::testing;

const FuzzReader& reader() {
  for (const FuzzReader& candidate : fuzz_readers()) {
    if (std::strcmp(candidate.name, TEMPER_FUZZ_READER) == 0) return candidate;
  }
  std::abort();
}

const std::filesystem::path& folder() {
  static const TemporaryFolder temporary;
  return temporary.path();
}

}  // namespace

#ifdef TEMPER_LIBFUZZER

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const FuzzReader& target = reader();
  target.read(folder(), std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}

// The corpus begins with the small valid files: they are written into the folder that the command line names.
extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  for (int i = 1; i < *count; ++i) {
    const std::filesystem::path corpus((*arguments)[i]);
    if (!std::filesystem::is_directory(corpus)) continue;
    const std::vector<std::string> seeds = reader().seeds();
    for (std::size_t n = 0; n < seeds.size(); ++n) std::ofstream(corpus / ("seed-" + std::to_string(n)), std::ios::binary) << seeds[n];
  }
  return 0;
}

// Libfuzzer's own mutations mostly break syntax; every other one is ours, which knows words of the formats.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  static const std::vector<std::string> seeds = reader().seeds();
  std::mt19937_64 random(seed);
  if (size == 0 && !seeds.empty()) {
    const std::string& first = seeds[random() % seeds.size()];
    size = std::min(first.size(), most);
    std::memcpy(data, first.data(), size);
    return size;
  }
  if (seed % 2 == 0) return LLVMFuzzerMutate(data, size, most);
  const std::string changed = mutate(std::string(reinterpret_cast<const char*>(data), size), seeds, random);
  size = std::min(changed.size(), most);
  std::memcpy(data, changed.data(), size);
  return size;
}

#else

// fuzz_X [SECONDS [SEED]]: the input that crashes is the file that its folder holds.
int main(int count, char** arguments) {
  const double seconds = count > 1 ? std::atof(arguments[1]) : 60;
  std::mt19937_64 random(count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 1);
  const std::vector<std::string> seeds = reader().seeds();
  const std::time_t end = std::time(nullptr) + static_cast<std::time_t>(seconds);
  std::size_t runs = 0;
  for (; std::time(nullptr) < end; ++runs) {
    std::string bytes = seeds[random() % seeds.size()];
    for (std::size_t i = 0; i <= random() % 3; ++i) bytes = mutate(std::move(bytes), seeds, random);
    reader().read(folder(), bytes);
  }
  std::printf("%zu files read by %s\n", runs, TEMPER_FUZZ_READER);
}

#endif
