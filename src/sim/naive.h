// The original way: every model at once, as a program that asks them all through Ollama gets it.
// The rules, the simplest that say what happens at every moment:
//  1. All models are asked at time 0. They are loaded one at a time, in the order given; the first
//     that cannot be loaded holds up those behind it.
//  2. At most `loaded_max` are loaded, each with a KV cache for `context` tokens.
//  3. A model that fits the GPU's memory is loaded once that much is free, and wholly. One that
//     does not fit even the empty GPU waits until it is empty, and is split: the GPU gets the
//     largest share of weights and KV that fits, the CPU the rest. One whose rest is more than the
//     PC's memory is refused at once and not awaited.
//  4. While the next one lacks room, models that have answered are unloaded, the one that answered
//     first first, one after the other, until there is room. None that still answers is.
//  5. A model answers as soon as it is loaded, beside those that answer already.
//  6. Loads go at the rate and with the fixed times of Pc::naive, unless told otherwise. Of a split
//     model only the GPU's share goes over the link.
// The run ends with the last answer; where everybody is refused it takes no time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sim/pc_machine.h"

namespace kai {

struct NaiveOptions {
  int loaded_max = 4;    // >= 1
  Tokens context{4096};  // prompt and answer fit in
  std::optional<PcLoading> loading{};
};

// The places in pc.models of `names`. Errors: not_found, naming the model.
Result<std::vector<std::size_t>> find_models(const Pc& pc, const std::vector<std::string>& names);

// members: places in pc.models, each once, at least one.
PcRun run_naive(const Pc& pc, const std::vector<std::size_t>& members, const PcQuestion& question,
                const NaiveOptions& options = {});
// The same, with what each member reads and writes.
PcRun run_naive_each(const Pc& pc, const std::vector<std::size_t>& members,
                     const std::vector<PcQuestion>& questions, const NaiveOptions& options = {});

// No order can be faster: the bytes that all answers read, over the bandwidth of GPU and CPU
// together.
Seconds bound(const Pc& pc, const std::vector<std::size_t>& members, const PcQuestion& question);

}  // namespace kai
