#include "cli/pc_members.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/option_values.h"
#include "sim/naive.h"

namespace kai {

namespace {

constexpr std::size_t models_max = 64;

}  // namespace

Result<std::vector<std::size_t>> members_of(const Pc& pc, std::vector<std::string> names) {
  if (names.empty()) {
    for (const auto& model : pc.models) names.push_back(model.name);
  }
  for (const auto& name : names) {
    if (std::ranges::count(names, name) > 1) {
      return fail(ErrorCode::invalid_request, "--models names " + quoted(name) + " twice");
    }
  }
  if (names.size() > models_max) {
    return fail(ErrorCode::invalid_request,
                fmt::format("{} models are too many to simulate; name at most {} with --models",
                            names.size(), models_max));
  }
  return find_models(pc, names);
}

}  // namespace kai
