#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>

#include "fleet/fleet.h"

namespace kai {

namespace {

struct Prior {
  std::string_view family;
  double billions;
  double prior;
};

constexpr auto table = std::to_array<Prior>({
#include "fleet/priors.inc"
});

constexpr double prior_min = 0.2;  // a guess
constexpr double prior_max = 0.95;
constexpr double prior_unknown = 0.3;  // nothing is known, not even the size: likely a small one

struct Around {
  const Prior* below = nullptr;  // the largest row that is no larger
  const Prior* above = nullptr;  // the smallest that is larger
};

Around around(std::string_view family, double billions) {
  Around rows;
  for (const auto& row : table) {
    if (row.family != family) continue;
    if (row.billions <= billions) {
      if (rows.below == nullptr || row.billions > rows.below->billions) rows.below = &row;
    } else if (rows.above == nullptr || row.billions < rows.above->billions) {
      rows.above = &row;
    }
  }
  return rows;
}

double between(const Prior& below, const Prior& above, double billions) {
  const double share =
      std::log(billions / below.billions) / std::log(above.billions / below.billions);
  return std::lerp(below.prior, above.prior, share);
}

// By size alone: between the rows of any model, flat beyond the smallest and the largest.
double of_size(double billions) {
  const auto [below, above] = around("", billions);
  if (below == nullptr) return above->prior;
  return above == nullptr ? below->prior : between(*below, *above, billions);
}

// Between a family's rows; beyond its ends as much better or worse as size alone makes a model.
std::optional<double> of_known(std::string_view family, double billions) {
  const auto [below, above] = around(family, billions);
  if (below != nullptr && above != nullptr) return between(*below, *above, billions);
  const Prior* end = below != nullptr ? below : above;
  if (end == nullptr) return std::nullopt;
  return std::clamp(end->prior + of_size(billions) - of_size(end->billions), prior_min, prior_max);
}

// "gemma" of "gemma3"; empty where there is more than a number behind the word.
std::string_view before_version(std::string_view family) {
  const std::size_t end = family.find_last_not_of("0123456789.");
  if (end == std::string_view::npos || end + 1 == family.size()) return {};
  return family.substr(0, end + 1);
}

// A generation that the table does not know counts as the newest it does: "gemma3" as "gemma2".
std::string_view newest_generation(std::string_view family) {
  const std::string_view word = before_version(family);
  std::string_view newest;
  if (word.empty()) return newest;
  for (const auto& row : table) {
    // Versions have one digit before the dot, so that text orders them.
    if (before_version(row.family) == word && row.family > newest) newest = row.family;
  }
  return newest;
}

// "qwen2.5-coder-abliterated" is of the family "qwen2.5-coder", where that is known.
std::optional<double> of_family(std::string_view name, double billions) {
  while (!name.empty()) {
    if (const auto prior = of_known(name, billions)) return prior;
    if (const auto newest = newest_generation(name); !newest.empty()) {
      return of_known(newest, billions);
    }
    const std::size_t dash = name.rfind('-');
    name = name.substr(0, dash == std::string_view::npos ? 0 : dash);
  }
  return std::nullopt;
}

}  // namespace

double prior_of(const ModelFacts& facts, const ModelId& id) {
  if (facts.parameters <= 0) return prior_unknown;
  const double billions = static_cast<double>(facts.parameters) / 1e9;
  const std::string_view family = std::string_view(id.text).substr(0, id.text.find(':'));
  if (const auto prior = of_family(family, billions)) return *prior;
  return of_size(billions);
}

}  // namespace kai
