// The three walks over a declaration: what is declared, fill it from a table, write it to one.
#include <temper/options.h>

namespace temper {

namespace {

class Declare final : public OptionVisitor {
 public:
  OptionSchema take() {
    settle(levels_.back());
    return std::move(levels_.back());
  }

 private:
  OptionSpec& on_option(OptionSpec spec, FieldAccess field) override {
    spec.default_value = field.get();
    return levels_.back().emplace_back(std::move(spec));
  }
  void begin_table(std::string name, std::string help) override {
    OptionSpec spec;
    spec.name = std::move(name);
    spec.help = std::move(help);
    spec.type = OptionType::kTable;
    tables_.push_back(std::move(spec));
    levels_.emplace_back();
  }
  void scalar_means_each() override { tables_.back().scalar_means_each = true; }
  void end_table() override {
    settle(levels_.back());
    tables_.back().children = std::move(levels_.back());
    levels_.pop_back();
    levels_.back().push_back(std::move(tables_.back()));
    tables_.pop_back();
  }
  // `.required()` comes after the default was read.
  static void settle(OptionSchema& level) {
    for (OptionSpec& spec : level)
      if (spec.is_required) spec.default_value = Value();
  }

  std::vector<OptionSchema> levels_{1};
  std::vector<OptionSpec> tables_;  // that are open
};

class Fill final : public OptionVisitor {
 public:
  explicit Fill(const Value& table) : tables_{&table} {}
  Problems problems;

 private:
  OptionSpec& on_option(OptionSpec spec, FieldAccess field) override {
    const Value* value = tables_.back() ? tables_.back()->find(spec.name) : nullptr;
    if (value && (!value->is_null() || spec.is_optional)) {
      try {
        field.set(*value);
      } catch (const Error& error) {
        for (const Problem& problem : error.problems())
          problems.add(problem.place.line > 0 ? problem.place : value->place, path_ + spec.name + ": " + problem.what, problem.remedy);
      }
    }
    return ignored_ = std::move(spec);
  }
  void begin_table(std::string name, std::string) override {
    const Value* table = tables_.back() ? tables_.back()->find(name) : nullptr;
    lengths_.push_back(path_.size());
    path_ += name + '.';
    if (table && !table->is_table()) {
      if (!table->is_null()) problems.add(table->place, path_.substr(0, path_.size() - 1) + ": found " + table->type_name() + ", wanted a table");
      table = nullptr;
    }
    tables_.push_back(table);
  }
  void end_table() override {
    tables_.pop_back();
    path_.resize(lengths_.back());
    lengths_.pop_back();
  }

  std::vector<const Value*> tables_;  // nullptr where the table is absent
  std::string path_;                  // "lora."
  std::vector<std::size_t> lengths_;
  OptionSpec ignored_;
};

class Write final : public OptionVisitor {
 public:
  Value take() { return std::move(levels_.back()); }

 private:
  OptionSpec& on_option(OptionSpec spec, FieldAccess field) override {
    if (Value value = field.get(); !value.is_null()) levels_.back().set(spec.name, std::move(value));
    return ignored_ = std::move(spec);
  }
  void begin_table(std::string name, std::string) override {
    names_.push_back(std::move(name));
    levels_.emplace_back(Value::Table());
  }
  void end_table() override {
    Value table = std::move(levels_.back());
    levels_.pop_back();
    levels_.back().set(names_.back(), std::move(table));
    names_.pop_back();
  }

  std::vector<Value> levels_{Value(Value::Table())};
  std::vector<std::string> names_;
  OptionSpec ignored_;
};

}  // namespace

OptionSchema declared(AnyOptions& options) {
  Declare visitor;
  options.visit(visitor);
  return visitor.take();
}

void fill(AnyOptions& options, const Value& table) {
  Fill visitor(table);
  options.visit(visitor);
  visitor.problems.throw_if_any();
}

Value written(AnyOptions& options) {
  Write visitor;
  options.visit(visitor);
  return visitor.take();
}

}  // namespace temper
