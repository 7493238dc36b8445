// batching: how many answers of one model a GPU shall give at once. Pure.
//
// A GPU reads a model's weights for every token; several answers take one reading together
// (docs/decisions/006). So a model that several asks wait for is made room for all of them, where
// memory is free; a load ahead may come later for it.
#pragma once

#include <span>

#include "domain/model.h"
#include "scheduler/ledger.h"

namespace kai {

inline constexpr int batch_max = 8;  // answers at once: each makes the others a little slower

// `claim` with as many sequences as there are `waiting` (claims of the same model on the same
// device, its own among them), of the longest context among them; fewer, down to the claim as it
// is, where `free` bytes beside those of the claim do not hold them. Never less than the claim.
Claim widened(const Claim& claim, std::span<const Claim> waiting, const CostCard& card, Bytes free);

}  // namespace kai
