// Files damaged at random: each gives an experiment that is TOML, or an Error; nothing else.
#include <gtest/gtest.h>

#include <random>

#include <temper/error.h>

#include "registry/registry.h"
#include "study/suggest_experiment.h"
#include "support/temporary_folder.h"

namespace temper::study {
namespace {

std::string sound(bool is_csv) {
  std::string text = is_csv ? "id,review,mood\n" : "";
  for (int i = 0; i < 40; ++i) {
    const std::string number = std::to_string(i), review = std::string("the film, was ") + (i % 3 ? "fine" : "dull") + " number " + number, mood = i % 3 ? "good" : "bad";
    text += is_csv ? number + ",\"" + review + "\"," + mood + "\n" : "{\"text\": \"" + review + "\", \"label\": \"" + mood + "\", \"n\": " + number + "}\n";
  }
  return text;
}

std::string damaged(std::string text, std::mt19937& random) {
  const std::vector<std::string> pieces = {"\"", "\n", ",", std::string(1, '\0'), "{", "\xFF", "\"\"", "\r", "${X}", "[", "\t", ";", "\\u0000", "\xEF\xBB\xBF"};
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (std::size_t times = 1 + below(12); times > 0 && !text.empty(); --times) {
    const std::size_t at = below(text.size());
    switch (below(4)) {
      case 0: text[at] = static_cast<char>(below(256)); break;
      case 1: text.erase(at, 1 + below(60)); break;
      case 2: text.insert(at, pieces[below(pieces.size())]); break;
      default: text.insert(at, text.substr(below(text.size()), 50)); break;
    }
  }
  return text;
}

TEST(HostileData, GivesTomlOrAnError) {
  const testing::TemporaryFolder folder;
  std::mt19937 random(7);
  int written = 0, refused = 0;
  for (int round = 0; round < 300; ++round) {
    const std::filesystem::path file = folder.write("data.txt", damaged(sound(round % 2 == 0), random));
    try {
      const DataLook look = look_at_data(file, registry::installed());
      ExperimentWish wish;
      wish.name = "hostile";
      wish.output = folder / "data.toml";
      const Value document = parse_toml(suggest_experiment(look, guess_columns(look), wish), "data.toml");
      EXPECT_EQ(document.find("name")->as_string(), "hostile");
      EXPECT_EQ(document.find("strategy")->as_array().size(), 2u);
      ++written;
    } catch (const Error& error) {
      EXPECT_FALSE(std::string(error.what()).empty());
      ++refused;
    }
  }
  EXPECT_GT(written, 30);
  EXPECT_GT(refused, 30);
}

}  // namespace
}  // namespace temper::study
