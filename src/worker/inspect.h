// inspect: what a model file says of itself, found out by loading it without its weights.
#pragma once

#include <string>

#include "base/result.h"
#include "domain/model.h"

namespace kai {

// start_runtime() must have been called. Meant for a process of its own: a hostile file may abort
// it. Errors: model_refused, with the reason as a person would say it.
Result<ModelFacts> inspect(const std::string& path);

}  // namespace kai
