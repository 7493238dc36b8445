// pc: the file that describes a PC in numbers, such as examples/reference-pc.json.
#pragma once

#include <string_view>

#include "base/result.h"
#include "domain/pc.h"

namespace kai::wire {

// {what?, const: {BWG, OG, BWC, OC, FG, OPG, FC, PCIE_PIN, PCIE_NAIVE, LOAD_FIX_OPT,
// LOAD_FIX_NAIVE, UNLOAD_NAIVE, RAM, VRAM}, models: {NAME: {params_B?, active_B, file_GB,
// read_GB_per_tok, kv_B_per_tok}}, known?: [{name, models, bound_s, naive_s, naive_gpu_busy?,
// best_s}]}; seconds, GB = 1e9 bytes, GB/s, FLOP/s, parameters in 1e9. Models stay in the file's
// order, 1 to 1,000. A known run has 1 to 12 of them, each once. In const, models and known any
// other name is an error, and so is a name that stands twice in one object. Errors:
// invalid_request, naming the field.
Result<Pc> decode_pc(std::string_view text);

}  // namespace kai::wire
