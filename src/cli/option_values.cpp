#include "cli/option_values.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <charconv>

#include "cli/text.h"
#include "config/units.h"
#include "domain/deadline.h"

namespace kai {

void refuse(const std::string& option, const std::string& why) {
  throw CLI::ValidationError(option, why);
}

std::string quoted(const std::string& text) {
  constexpr int shown_columns_max = 80;
  return '"' + one_line(text, shown_columns_max) + '"';
}

std::vector<ModelId> members_in(const std::string& list, const std::string& option) {
  std::vector<ModelId> members;
  for (const auto& name : CLI::detail::split(list, ',')) {
    if (name.empty()) refuse(option, "a name is missing; write them as a,b");
    members.emplace_back(name);
  }
  return members;
}

Duration deadline_in(const std::string& text) {
  const auto duration = parse_duration(text);
  if (!duration || *duration < deadline_min || *duration > deadline_max) {
    refuse("--deadline",
           fmt::format("{} is not a time from 100ms to 24h, such as 30s or 2m", quoted(text)));
  }
  return *duration;
}

namespace {

template <class Number>
std::optional<Number> number_in(const std::string& text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

}  // namespace

std::uint64_t seed_in(const std::string& text) {
  const auto seed = number_in<std::uint64_t>(text);
  if (!seed) refuse("--seed", quoted(text) + " is not a whole number from 0 to 2^64-1");
  return *seed;
}

double confidence_in(const std::string& text) {
  const auto confidence = number_in<double>(text);
  if (!confidence || !(*confidence >= 0 && *confidence <= 1)) {
    refuse("--min-confidence", quoted(text) + " is not a number from 0 to 1");
  }
  return *confidence;
}

std::optional<Tier> tier_in(const std::string& name) {
  const auto tier = tier_named(name);
  if (tier || name == "auto") return tier;
  refuse("--tier",
         fmt::format("there is no tier {}; choose auto, simple, medium, complex or expert",
                     quoted(name)));
}

Mode mode_in(const std::string& name) {
  if (const auto mode = mode_named(name)) return *mode;
  refuse("--mode", fmt::format("there is no mode {}; choose adaptive, all or best", quoted(name)));
}

ReplayRules::Stopping stopping_in(const std::string& name) {
  using Stopping = ReplayRules::Stopping;
  if (name == "recorded") return Stopping::recorded;
  if (name == "exact") return Stopping::exact;
  if (name == "learned") return Stopping::learned;
  refuse("--stop",
         fmt::format("there is no rule {}; choose recorded, exact or learned", quoted(name)));
}

}  // namespace kai
