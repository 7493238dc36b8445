// What a plan is going to take, and what would fit where it does not.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/ensure.h"
#include "domain/deadline.h"
#include "planner/planner.h"

namespace kai {

namespace {

// Of the plan, the one that takes longest.
ModelId slowest_of(const Plan& plan, std::span<const ModelId> among) {
  ModelId slowest;
  Duration longest(-1);
  for (const auto& ask : plan.asks) {
    const Duration time = ask.load + ask.prefill + ask.decode;
    if (std::ranges::count(among, ask.model) == 0 || time <= longest) continue;
    slowest = ask.model;
    longest = time;
  }
  return slowest;
}

// The input's query with other wishes. A later one gives up more of what was asked. `plan`: of the
// input, late or with fewer models than were named; nothing: there is none.
std::vector<Query> nearer_queries(const PlanInput& input, const Plan* plan) {
  std::vector<Query> queries;
  const Tier tier = input.query.tier.value_or(input.complexity.tier);
  const auto add_tiers = [&](Query query) {
    for (int lower = static_cast<int>(tier); lower >= 0; --lower) {
      query.tier = static_cast<Tier>(lower);
      queries.push_back(query);
    }
  };
  Query query = input.query;
  if (plan != nullptr) {
    std::erase_if(query.models, [&](const ModelId& model) {
      return std::ranges::count(plan->asks, model, &Ask::model) == 0;
    });
  }
  if (!query.models.empty() || input.query.models.empty()) add_tiers(query);
  while (plan != nullptr && !query.models.empty()) {
    std::erase(query.models, slowest_of(*plan, query.models));
    if (!query.models.empty()) queries.push_back(query);
  }
  query.models.clear();
  query.mode = Mode::adaptive;
  add_tiers(query);
  return queries;
}

// Memory that is held from one time to before another.
struct Held {
  Duration from{}, until{};
  Bytes bytes{};
};

Bytes most_at_a_time(std::span<const Held> held) {
  Bytes most{};
  for (const Held& begun : held) {
    Bytes now{};
    for (const Held& other : held) {
      if (other.from <= begun.from && begun.from < other.until) now += other.bytes;
    }
    most = std::max(most, now);
  }
  return most;
}

}  // namespace

PlanInput with_query(const PlanInput& input, const Query& query) {
  return {.query = query,
          .complexity = input.complexity,
          .fleet = input.fleet,
          .room = input.room,
          .cards = input.cards,
          .skills = input.skills,
          .now = input.now,
          .says = input.says,
          .lengths = input.lengths,
          .order = input.order};
}

std::vector<DeviceNeed> memory_of(const Plan& plan, std::span<const CostCard> cards,
                                  std::span<const Device> devices) {
  std::vector<DeviceNeed> needs;
  for (const auto& device : devices) {
    if (device.kind == DeviceKind::remote) continue;
    std::vector<Held> held;
    for (const auto& ask : plan.asks) {
      const bool beside = ask.beside == device.id;
      if ((ask.device != device.id && !beside) || ask.sample > 1) continue;
      const auto card = std::ranges::find_if(cards, [&](const CostCard& one) {
        return one.model == ask.model && one.device == ask.device;
      });
      if (card == cards.end()) continue;
      // A model without a load was there before the plan.
      const SplitNeed need = split_need(*card, ask.context, ask.sequences, ask.share);
      const Duration from = ask.load > Duration(0) ? ask.start : Duration(0);
      held.push_back({from, ask.end(), beside ? need.beside : need.device});
    }
    needs.push_back(
        {device.id, device.name, device.running, most_at_a_time(held), device.capacity});
  }
  return needs;
}

std::string misfit_of(const Plan& plan, const PlanInput& input) {
  for (const auto& left_out : plan.left_out) {
    if (std::ranges::count(input.query.models, left_out.model) > 0) {
      return fmt::format("{} cannot be asked: {}", left_out.model.text, left_out.why);
    }
  }
  const Duration left = plan.deadline - input.now;
  if (plan.predicted <= left) return {};
  const double enough = std::ceil(seconds(plan.predicted)) + 1;
  return fmt::format("it would take {:.1f} s, and {:.1f} s are allowed; {}",
                     seconds(plan.predicted), seconds(left),
                     enough <= seconds(deadline_max)
                         ? fmt::format("a deadline of {:.0f} s allows it", enough)
                         : "a day is the longest deadline: ask fewer or smaller models");
}

std::optional<Nearest> nearest_plan(const PlanInput& input, const PlannerOptions& options) {
  const Tier tier = input.query.tier.value_or(input.complexity.tier);
  const Duration limit =
      input.query.time_limit.value_or(options.tiers[static_cast<std::size_t>(tier)].timeout);
  const auto first = make_plan(input, options);
  for (auto& query : nearer_queries(input, first ? &*first : nullptr)) {
    query.time_limit = limit;
    const PlanInput other = with_query(input, query);
    auto plan = make_plan(other, options);
    if (plan && misfit_of(*plan, other).empty()) return Nearest{query, *std::move(plan)};
  }
  return std::nullopt;
}

}  // namespace kai
