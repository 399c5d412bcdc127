// The table [training]: names and defaults follow Hugging Face's TrainingArguments. No torch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <temper/options.h>
#include <temper/word_or_numbers.h>

namespace temper {

struct TrainingOptions {
  double learning_rate = 5e-5;
  std::int64_t batch_size = 8;  // items per forward
  std::int64_t gradient_accumulation_steps = 1;
  double epochs = 3;
  std::optional<std::int64_t> max_steps;
  std::int64_t max_length = 0;  // tokens with the special ones; 0: the model's limit
  std::int64_t doc_stride = 128;
  std::int64_t max_answer_length = 30;
  double null_score_diff_threshold = 0;
  bool completion_only_loss = true;
  WordOrNumbers class_weights = {"none"};
  std::string packing = "documents";
  std::string lr_scheduler_type = "linear";
  std::int64_t warmup_steps = 0;
  double warmup_ratio = 0;
  std::int64_t decay_steps = 0;
  double decay_ratio = 0.1;
  double weight_decay = 0;
  double adam_beta1 = 0.9, adam_beta2 = 0.999, adam_epsilon = 1e-8;
  double max_grad_norm = 1.0;
  bool bf16 = false;
  std::int64_t logging_steps = 1;
  std::optional<std::int64_t> eval_steps;
  std::int64_t eval_batch_size = 32;
  std::optional<std::int64_t> early_stopping_patience;
  double early_stopping_threshold = 0;
  std::int64_t train_probe = 256;
  std::string keep = "last";
  std::optional<std::int64_t> snapshot_steps;
  double snapshot_seconds = 60;
  bool share_steps = true;
  bool frozen_cache = true;
  std::int64_t frozen_cache_bytes = std::int64_t{2} << 30;

  void visit(OptionVisitor& v) {
    v.option("learning_rate", learning_rate, "Peak learning rate of AdamW.").at_least(0);
    v.option("batch_size", batch_size, "Items per forward pass, over all processes.").at_least(1).alias("per_device_train_batch_size").alias("train_batch_size").in("items");
    v.option("gradient_accumulation_steps", gradient_accumulation_steps, "Forward passes per optimizer step; a step takes batch_size x gradient_accumulation_steps items and equals the larger batch.").at_least(1);
    v.option("epochs", epochs, "Passes over the train split; may be fractional.").above(0).alias("num_train_epochs");
    v.option("max_steps", max_steps, "Optimizer steps; overrides epochs.").at_least(1).in("steps");
    v.option("max_length", max_length, "Longest sequence, special tokens included; longer texts are cut on the right and counted; question answering reads long contexts in windows, and language modelling trains on blocks, of this length. 0 means the model's limit, for question answering at most 384.").at_least(0).alias("max_seq_length").in("tokens");
    v.option("doc_stride", doc_stride, "Question answering: tokens of a long context that neighbouring windows share.").at_least(0).in("tokens");
    v.option("max_answer_length", max_answer_length, "Question answering: the longest span that is taken for an answer.").at_least(1).in("tokens");
    v.option("null_score_diff_threshold", null_score_diff_threshold, "Question answering whose train split has items without an answer: none is answered where its score exceeds the best span's by more than this.");
    v.option("completion_only_loss", completion_only_loss, "Generation: only the answer is learned; false learns the prompt too.");
    v.option("class_weights", class_weights, "Classification: how much an item of each label weighs in the loss that is trained on, so that rare labels count more. \"balanced\" weighs inversely to how often train has the label, as scikit-learn's class_weight does; a table gives weights, { rare = 5 }, and 1 to labels that it does not name. The loss of a step is divided by the weights of its items, as PyTorch's CrossEntropyLoss(weight) does. The losses of evaluations, the objective and the metrics stay unweighted.").one_of({"none", "balanced"}).at_least(0).alias("class_weight").or_number = true;
    v.option("packing", packing, "Language modelling: how texts fill the blocks of max_length tokens that are trained on. Documents stand side by side and do not see each other; concatenated texts are one long text that is cut, as transformers' run_clm does.").one_of({"documents", "concatenated"});
    v.option("lr_scheduler_type", lr_scheduler_type, "How the learning rate goes after warm-up.").one_of({"linear", "cosine", "constant", "constant_with_warmup", "warmup_stable_decay"});
    v.option("warmup_steps", warmup_steps, "Steps in which the learning rate rises linearly from 0; overrides warmup_ratio when above 0.").at_least(0).in("steps");
    v.option("warmup_ratio", warmup_ratio, "The same as a share of all steps.").at_least(0).at_most(1);
    v.option("decay_steps", decay_steps, "With warmup_stable_decay: steps in which the learning rate falls to 0 along half a cosine wave, at the end; overrides decay_ratio when above 0.").at_least(0).in("steps");
    v.option("decay_ratio", decay_ratio, "The same as a share of all steps.").at_least(0).at_most(1);
    v.option("weight_decay", weight_decay, "Decoupled weight decay; not applied to biases and norms.").at_least(0);
    v.option("adam_beta1", adam_beta1, "AdamW's decay of the first moment.").at_least(0).below(1);
    v.option("adam_beta2", adam_beta2, "AdamW's decay of the second moment.").at_least(0).below(1);
    v.option("adam_epsilon", adam_epsilon, "AdamW's epsilon.").above(0);
    v.option("max_grad_norm", max_grad_norm, "Gradients are scaled so that their global norm is at most this; 0 turns clipping off.").at_least(0);
    v.option("bf16", bf16, "Matrix products in bfloat16; weights, optimizer, norms, softmax and loss stay in float32.");
    v.option("logging_steps", logging_steps, "Steps between rows of the training curve.").at_least(1).in("steps");
    v.option("eval_steps", eval_steps, "Steps between evaluations; by default once per epoch.").at_least(1).in("steps");
    v.option("eval_batch_size", eval_batch_size, "Items per forward pass of an evaluation.").at_least(1).alias("per_device_eval_batch_size").in("items").not_part_of_identity();
    v.option("early_stopping_patience", early_stopping_patience, "Stop after this many evaluations in a row without a better objective; needs a validation split.").at_least(1).in("evaluations");
    v.option("early_stopping_threshold", early_stopping_threshold, "How much better an evaluation must be to count.").at_least(0);
    v.option("train_probe", train_probe, "Items of train that are scored in evaluation mode for the train curve.").at_least(1).in("items");
    v.option("keep", keep, "Which weights are tested, exported and used to predict: those of the last step, or of the best evaluation by the objective.").one_of({"last", "best"});
    v.option("snapshot_steps", snapshot_steps, "Steps between snapshots for resuming; by default snapshot_seconds decides.").at_least(1).in("steps").not_part_of_identity();
    v.option("snapshot_seconds", snapshot_seconds, "Seconds between snapshots for resuming.").above(0).in("s").not_part_of_identity();
    v.option("share_steps", share_steps, "Take optimizer steps that trials have in common once: those of a longer training begin with a shorter one's where the learning rates are the same (lr_scheduler_type = \"constant\", \"constant_with_warmup\" with warmup_steps, or \"warmup_stable_decay\"); false trains each from its beginning.").not_part_of_identity();
    v.option("frozen_cache", frozen_cache, "Compute the states of layers that are not trained once per item, for all epochs and for all trials of a worker that freeze the same layers; false computes them in every pass.").not_part_of_identity();
    v.option("frozen_cache_bytes", frozen_cache_bytes, "Memory for these states, per worker; what does not fit is computed in every pass.").at_least(0).in("bytes").not_part_of_identity();
  }
};

}  // namespace temper
