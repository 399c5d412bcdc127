// Times a tokenizer on the lines of a file, on one thread: encode_lines TOKENIZER FILE [IDS]
//
// Answers every line of standard input with the seconds that encoding all lines took (ids, offsets, types, flags; nothing is kept). IDS
// is written first: the ids of each line, 32 bits each, and -1 behind every line.
#include <temper/tokenizer_pipeline.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

int main(int count, char** arguments) {
  if (count < 3) return std::fprintf(stderr, "usage: encode_lines TOKENIZER FILE [IDS]\n"), 2;
  try {
    const temper::TokenizerPipeline tokenizer(arguments[1], {temper::tokenizer_format(arguments[1])});
    std::ostringstream text;
    text << std::ifstream(arguments[2], std::ios::binary).rdbuf();
    std::vector<std::string> lines;
    std::istringstream all(text.str());
    for (std::string line; std::getline(all, line);) lines.push_back(line);

    temper::EncodeOptions options;
    options.add_special_tokens = false;
    if (count > 3) {
      std::ofstream ids(arguments[3], std::ios::binary);
      for (const std::string& line : lines) {
        std::vector<std::int32_t> row = tokenizer.encode(line, options).ids;
        row.push_back(-1);
        ids.write(reinterpret_cast<const char*>(row.data()), static_cast<std::streamsize>(row.size() * sizeof row[0]));
      }
    }
    std::cout << "ready" << std::endl;
    for (std::string ignored; std::getline(std::cin, ignored);) {
      const auto start = std::chrono::steady_clock::now();
      std::size_t tokens = 0;
      for (const std::string& line : lines) tokens += tokenizer.encode(line, options).ids.size();
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
      std::cout << seconds.count() << ' ' << tokens << std::endl;
    }
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "encode_lines: %s\n", error.what()), 2;
  }
}
