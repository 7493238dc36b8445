#include "cli/doctor_timeouts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "config/units.h"

namespace kai {

namespace {

constexpr std::size_t question_chars = 300;  // as a question of some sentences has
constexpr Duration time_max = std::chrono::hours(1);
constexpr Duration step = std::chrono::seconds(5);
constexpr double spare = 1.5;  // times what is predicted
constexpr std::array tiers{Tier::simple, Tier::medium, Tier::complex, Tier::expert};

std::vector<CostCard> measured_of(std::span<const CostCard> cards) {
  std::vector<CostCard> measured;
  std::ranges::copy_if(cards, std::back_inserter(measured),
                       [](const CostCard& card) { return card.measured > 0; });
  return measured;
}

// Nothing where nobody can be asked.
std::optional<Plan> plan_of(Tier tier, const Fleet& fleet, std::span<const CostCard> cards,
                            const PlannerOptions& options) {
  Query query;
  query.messages = {{Role::user, std::string(question_chars, 'x')}};
  query.tier = tier;
  query.time_limit = std::chrono::hours(24);
  query.hear_all = true;
  const Complexity complexity{0, tier, ""};
  std::vector<DeviceRoom> room;
  for (const auto& device : fleet.devices) room.push_back({device.id, device.capacity, {}, {}});
  std::vector<double> skills;
  for (const auto& model : fleet.models) skills.push_back(model.prior);
  auto plan = make_plan({query, complexity, fleet, room, cards, skills, Time{}}, options);
  return plan ? std::optional(*std::move(plan)) : std::nullopt;
}

Duration rounded(Duration time, double margin) {
  const double wanted = seconds(time) * spare / (1 - margin);
  const double steps = std::max(1.0, std::ceil(wanted / seconds(step)));
  return std::min(time_max, std::chrono::duration_cast<Duration>(step) *
                                static_cast<std::int64_t>(std::min(steps, 1e6)));
}

void judge(TierTime& time, double margin) {
  const Duration ample = rounded(time.longest, margin);
  time.suggested = time.timeout;
  if (seconds(time.usual) > seconds(time.timeout) * (1 - margin)) {
    time.fit = Fit::too_short;
    time.suggested = rounded(time.usual, margin);
  } else if (time.timeout >= 2 * ample) {
    time.fit = Fit::too_long;
    time.suggested = ample;
  }
  time.member_too_short = time.member > time.member_limit;
}

std::string short_time(Duration time) {
  const double value = seconds(time);
  return value < 10    ? fmt::format("{:.1f} s", value)
         : value < 120 ? fmt::format("{:.0f} s", value)
                       : fmt::format("{:.0f} min", value / 60);
}

Finding finding_of(const TierTime& time) {
  if (time.members == 0) {
    return {Mark::note, fmt::format("tier {}: no model can be asked", to_string(time.tier))};
  }
  const std::string what = fmt::format(
      "tier {}: {} member{} take{} some {}, at most {}; its timeout of {}", to_string(time.tier),
      time.members, time.members == 1 ? "" : "s", time.members == 1 ? "s" : "",
      short_time(time.usual), short_time(time.longest), print_duration(time.timeout));
  const std::string_view member =
      time.member_too_short ? "; its member_timeout cuts the slowest" : "";
  const Mark mark = time.fit != Fit::good || time.member_too_short ? Mark::note : Mark::good;
  if (time.usual >= time_max) {
    return {mark, fmt::format("{} is too short, as any is; ask fewer or faster models", what)};
  }
  switch (time.fit) {
    case Fit::good: return {mark, fmt::format("{} fits{}", what, member)};
    case Fit::too_short: return {mark, fmt::format("{} is too short{}", what, member)};
    case Fit::too_long: break;
  }
  return {mark, fmt::format("{} is longer than needed{}", what, member)};
}

// Lines of kai.toml.
std::vector<std::string> changes_of(const TierTime& time) {
  std::vector<std::string> lines;
  const auto line = [&](std::string_view key, Duration value) {
    lines.push_back(
        fmt::format("tiers.{}.{} = \"{}\"", to_string(time.tier), key, print_duration(value)));
  };
  if (time.members == 0 || time.usual >= time_max) return lines;
  if (time.suggested != time.timeout) line("timeout", time.suggested);
  // A member has the question's time at most.
  if (time.member_too_short) line("member_timeout", time.suggested);
  return lines;
}

}  // namespace

std::vector<TierTime> tier_times(const Fleet& fleet, std::span<const CostCard> cards,
                                 const PlannerOptions& options) {
  std::vector<TierTime> times;
  for (std::size_t index = 0; index < tiers.size(); ++index) {
    PlannerOptions usual = options;
    for (auto& tier : usual.tiers) tier.timeout = tier.member_timeout = std::chrono::hours(24);
    PlannerOptions longest = usual;
    longest.expected_answer = 1;
    TierTime time;
    time.tier = tiers[index];
    time.timeout = options.tiers[index].timeout;
    time.member_limit = options.tiers[index].member_timeout;
    const auto some = plan_of(time.tier, fleet, cards, usual);
    const auto most = plan_of(time.tier, fleet, cards, longest);
    if (some && most) {
      time.members = static_cast<int>(std::max(some->asks.size(), most->asks.size()));
      time.usual = some->predicted;
      time.longest = std::max(some->predicted, most->predicted);
      for (const auto& ask : some->asks) {
        time.member = std::max(time.member, ask.prefill + ask.decode);
      }
      judge(time, options.time_margin);
    }
    times.push_back(time);
  }
  return times;
}

TimeoutCheck check_timeouts(const Fleet& fleet, std::span<const CostCard> cards,
                            const PlannerOptions& options) {
  const auto measured = measured_of(cards);
  int usable = 0;
  int unmeasured = 0;
  for (const auto& model : fleet.models) {
    if (!model.refused.empty()) continue;
    ++usable;
    if (std::ranges::find(measured, model.id, &CostCard::model) == measured.end()) ++unmeasured;
  }
  TimeoutCheck check;
  if (usable == 0) return check;
  if (unmeasured > 0) {
    check.findings = {{Mark::note,
                       fmt::format("timeouts: not judged, since {} of {} models were not measured",
                                   unmeasured, usable),
                       {"kai bench models"}}};
    return check;
  }
  check.times = tier_times(fleet, measured, options);
  std::vector<std::string> changes;
  for (const auto& time : check.times) {
    check.findings.push_back(finding_of(time));
    std::ranges::move(changes_of(time), std::back_inserter(changes));
  }
  if (!changes.empty()) {
    check.findings.push_back(
        {Mark::note,
         "timeouts: these suit what was measured; to accept them, put them at the top of kai.toml "
         "(`kai config path`), or change the lines there",
         std::move(changes)});
  }
  return check;
}

}  // namespace kai
