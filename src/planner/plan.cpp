// make_plan: what a query wishes for, turned into an aim.
#include <fmt/format.h>

#include <algorithm>

#include "base/ensure.h"
#include "domain/model_names.h"
#include "planner/draft.h"
#include "planner/planner.h"

namespace kai {

namespace {

Result<> check_names(const Query& query, const Fleet& fleet, const PlannerOptions& options) {
  for (const auto& name : query.models) {
    if (std::ranges::count(fleet.models, name, &Model::id) == 0) {
      std::vector<std::string> known;
      for (const auto& model : fleet.models) known.push_back(model.id.text);
      return fail(ErrorCode::not_found, unknown_name(name.text, known));
    }
    if (std::ranges::count(query.models, name) > options.samples_per_model_max) {
      return fail(ErrorCode::invalid_request,
                  fmt::format("{} is named more than {} times; that is the most samples of one "
                              "model",
                              name.text, options.samples_per_model_max));
    }
  }
  return {};
}

std::vector<Wish> wishes_of(const Query& query, const Fleet& fleet, const PlannerOptions& options) {
  std::vector<Wish> wishes;
  for (const auto& model : fleet.models) {
    const auto named = static_cast<int>(std::ranges::count(query.models, model.id));
    const int wished = query.models.empty() ? options.samples_per_model_max : named;
    const bool sampled = query.mode == Mode::adaptive;
    wishes.push_back({.voices_max = sampled ? wished : std::min(wished, 1),
                      .unwanted = "the question names other models",
                      .rank = 0});
  }
  return wishes;
}

const TierOptions& wanted_of(const Query& query, Tier assessed, const PlannerOptions& options) {
  return options.tiers[static_cast<std::size_t>(query.tier.value_or(assessed))];
}

Aim aim_of(const PlanInput& input, const PlannerOptions& options) {
  const Query& query = input.query;
  const Tier tier = query.tier.value_or(input.complexity.tier);
  const TierOptions& wanted = wanted_of(query, input.complexity.tier, options);
  Aim aim;
  aim.tier = tier;
  aim.mode = query.mode;
  aim.deadline = query.asked + query.time_limit.value_or(wanted.timeout);
  aim.member_timeout = wanted.member_timeout;
  aim.finish = wanted.aim;
  aim.wanted_by = wanted_by(query, input.complexity.tier, options);
  aim.answer_max = query.answer_max.value_or(wanted.answer_max);
  if (query.top_logprobs) {
    aim.answer_max = std::min(aim.answer_max, answer_max_with_odds(*query.top_logprobs));
  }
  aim.wishes = wishes_of(query, input.fleet, options);
  // Whom the user chose is asked, late or not: a prediction is no reason to overrule a wish.
  aim.within_time = query.mode == Mode::adaptive && query.models.empty();
  if (aim.within_time) {
    aim.members_min = wanted.members_min;
    aim.members_max = wanted.members_max;
    if (is_chat_task(query, options)) aim.members_min = aim.members_max = 1;
  } else {
    int voices = 0;
    for (const auto& wish : aim.wishes) voices += wish.voices_max;
    aim.members_max = query.mode == Mode::best ? 1 : voices;
  }
  if (query.mode == Mode::best) aim.preference = Preference::skill;
  return aim;
}

}  // namespace

Time wanted_by(const Query& query, Tier assessed, const PlannerOptions& options) {
  const TierOptions& wanted = wanted_of(query, assessed, options);
  return query.asked + std::min(wanted.aim, query.time_limit.value_or(wanted.timeout));
}

Result<Plan> make_plan(const PlanInput& input, const PlannerOptions& options) {
  ensure(!input.query.messages.empty(), "a plan for a query without a message");
  if (auto known = check_names(input.query, input.fleet, options); !known) {
    return std::unexpected(known.error());
  }
  return draft(input, aim_of(input, options), options);
}

}  // namespace kai
