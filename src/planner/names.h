// names: what a user may have meant by a model's name. Private to planner.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "domain/model.h"

namespace kai {

// "no model is called "smolm2:135m"; the nearest are "smollm2:135m" and "smollm2:360m"": up to
// three, nearest by edit distance first. Any bytes, any length: shown clipped and as valid UTF-8.
std::string unknown_name(std::string_view name, std::span<const Model> models);

}  // namespace kai
