// Low-rank adapters (Hu et al. 2021): names and defaults follow PEFT's LoraConfig. No torch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <temper/options.h>

namespace temper {

struct LoraOptions {
  std::int64_t r = 8;
  double lora_alpha = 8;
  double lora_dropout = 0;
  std::vector<std::string> target_modules;   // empty: those that PEFT takes for the family; {"all-linear"}: every linear layer but the head's last
  std::vector<std::string> modules_to_save;  // beside the task's head, which is always trained and saved where it is new
  bool use_rslora = false;
  bool use_dora = false;

  bool operator==(const LoraOptions&) const = default;
  void visit(OptionVisitor& v) {
    v.option("r", r, "Rank of the update B A that is added to each chosen matrix.").at_least(1);
    v.option("lora_alpha", lora_alpha, "The update is scaled by lora_alpha / r.").above(0);
    v.option("lora_dropout", lora_dropout, "Dropout of what A reads.").at_least(0).below(1);
    v.option("target_modules", target_modules, "Which linear layers get an adapter, by the ends of their names; \"all-linear\" means all but the head. By default those that PEFT chooses for the family.").or_one();
    v.option("modules_to_save", modules_to_save, "Modules that are trained whole and saved with the adapter, by the ends of their names; the task's new head always is.").or_one();
    v.option("use_rslora", use_rslora, "Scale by lora_alpha / sqrt(r) instead (Kalajdzievski 2023).");
    v.option("use_dora", use_dora, "Learn the length of each output row apart from its direction (Liu et al. 2024).");
  }
};

}  // namespace temper
