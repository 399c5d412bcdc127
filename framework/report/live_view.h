// A running study as a block of lines that is redrawn in place at a terminal's end: its progress, a line per worker, the best so far.
#pragma once

#include <string>
#include <vector>

#include "report/progress.h"
#include "report/terminal.h"

namespace temper::report {

// At most terminal.height - 1 lines (all, where the height is 0), each of less than terminal.width columns:
//
//   tweets  3 of 18 trials, 1 failed  ███████░░░░░░░░░░░░  17 %  2 min, about 9 min left
//   1 | trial 4  lora, learning_rate 5e-5 | epoch 1.2 | step 40/189 | loss 0.912 | 1340 tokens/s
//   2 | trial 5  few_shot, shots 4 | predicting 1000 test items: 320 done
//   best  trial 2  lora, learning_rate 1e-4 | validation_loss 0.7012
std::vector<std::string> live_view(const Progress& progress, const Terminal& terminal);

// The characters that draw the block over the one that stands there. The cursor then rests at its beginning, where terminals keep it when
// they lay their lines out anew for another width: so the next drawing needs no memory of the last one. It is never hidden, so nothing,
// not even kill -9, can leave it so.
std::string draw_block(const std::vector<std::string>& lines);
// The characters that remove the block, before other output and at the end.
std::string erase_block();

}  // namespace temper::report
