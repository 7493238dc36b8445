// model_names: what a user may have meant by a model's name.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace kai {

// "no model is called "smolm2:135m"; the nearest: "smollm2:135m", "smollm2:360m"; …" and where all
// are listed. Up to three of `known`, nearest by edit distance first. Any bytes, any length: shown
// clipped and as valid UTF-8.
std::string unknown_name(std::string_view name, std::span<const std::string> known);

}  // namespace kai
