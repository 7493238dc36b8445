// inspect: what a model file says of itself, found out by loading it without its weights.
#pragma once

#include <cstdint>
#include <string>

#include "base/quantities.h"
#include "base/result.h"
#include "domain/model.h"

struct gguf_context;

namespace kai {

// start_runtime() must have been called. Meant for a process of its own: a hostile file may abort
// it. Errors: model_refused, with the reason as a person would say it.
Result<ModelFacts> inspect(const std::string& path);

// What of a file's tensors a token does not meet: parameters that one of a prompt is not computed
// with, bytes that one which is written does not read. `experts`: the share of a model's experts
// that is chosen, 0..1; 1 where it has none. Of a split model only the first file's tensors are
// seen: what is idle in the others counts as used.
struct Idle {
  std::int64_t parameters = 0;
  Bytes bytes{};
};
Idle idle_of(const gguf_context* file, double experts);

}  // namespace kai
