// A generator: whole numbers in words' clothing, labelled "even" or "odd". It reads no file; `train = "name"` names a stream.
#include <cstdint>

#include <temper/dataset.h>

namespace {

struct Options {
  std::int64_t rows = 64;
  void visit(temper::OptionVisitor& v) { v.option("rows", rows, "How many numbers a split holds.").at_least(1).in("rows"); }
};

class Parity final : public temper::Dataset {
 public:
  explicit Parity(Options options) : options_(options) {}

  bool reads_files() const override { return false; }

  std::unique_ptr<temper::Split> open(const temper::Source& source, temper::RowReport&) const override {
    auto split = std::make_unique<temper::RowsInMemory>();
    const std::int64_t offset = source.split == "test" ? options_.rows : 0;
    for (std::int64_t number = offset; number < offset + options_.rows; ++number) {
      temper::Item item{source.split + "-" + std::to_string(number), {}};
      item.fields.set(temper::kTextField, "the number " + std::to_string(number));
      split->add(std::move(item), {temper::Label{number % 2 == 0 ? "even" : "odd"}});
    }
    return split;
  }

 private:
  Options options_;
};

}  // namespace

TEMPER_PLUGIN(Dataset, Parity, Options, "parity", "Whole numbers, even or odd.")
