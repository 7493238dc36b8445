// fallback: what to try after plans that gave no valid answer.
#include <algorithm>

#include "planner/draft.h"
#include "planner/planner.h"

namespace kai {

namespace {

constexpr Duration time_worth_trying = std::chrono::seconds(1);
constexpr int tries_max = 2;        // plans that ask one model
constexpr Tokens answer_least{32};  // shorter ones hardly say anything

int tries(const ModelId& model, const Outcome& so_far) {
  return static_cast<int>(std::ranges::count_if(so_far.plans, [&](const Plan& plan) {
    return std::ranges::count(plan.asks, model, &Ask::model) > 0;
  }));
}

// Why another try would not help; empty: it may.
std::string hopeless(const ModelId& model, const Outcome& so_far) {
  for (const auto& answer : so_far.answers) {
    if (answer.model != model) continue;
    if (answer.error && answer.error->code == ErrorCode::model_refused) {
      return answer.error->message;
    }
    // Asked again, it would say the same again.
    if (answer.ending == Ending::complete || answer.ending == Ending::token_limit) {
      return "said what it could";
    }
  }
  return tries(model, so_far) >= tries_max ? "failed twice" : "";
}

std::vector<Wish> wishes_of(const PlanInput& input, const Outcome& so_far) {
  std::vector<Wish> wishes;
  for (const auto& model : input.fleet.models) {
    const bool named =
        input.query.models.empty() || std::ranges::count(input.query.models, model.id) > 0;
    Wish wish;
    wish.unwanted = named ? hopeless(model.id, so_far) : "the question names other models";
    wish.voices_max = wish.unwanted.empty() ? 1 : 0;
    wish.rank = tries(model.id, so_far);
    wishes.push_back(std::move(wish));
  }
  return wishes;
}

Tier lower(Tier tier) {
  return tier == Tier::simple ? tier : static_cast<Tier>(static_cast<int>(tier) - 1);
}

// What the last plan asked for at most; there is one.
Tokens last_answer_max(const Outcome& so_far) {
  Tokens most{};
  for (const auto& ask : so_far.plans.back().asks) most = std::max(most, ask.answer_max);
  return most;
}

// Half of what was allowed, but where answers were cut before they said anything: shorter ones
// would say even less.
Tokens answer_max(const Outcome& so_far, const TierOptions& wanted) {
  const Tokens last = last_answer_max(so_far);
  const bool cut = std::ranges::any_of(
      so_far.answers, [](const Answer& one) { return one.ending == Ending::token_limit; });
  if (cut) return last;
  return std::max(std::min(wanted.answer_max, Tokens(last.count / 2)),
                  std::min(answer_least, last));
}

}  // namespace

std::optional<Plan> fallback(const PlanInput& input, const Outcome& so_far,
                             const PlannerOptions& options) {
  if (so_far.plans.empty()) return std::nullopt;
  const Plan& last = so_far.plans.back();
  if (last.deadline - input.now < time_worth_trying) return std::nullopt;

  const Tier tier = lower(last.tier);
  const TierOptions& wanted = options.tiers[static_cast<std::size_t>(tier)];
  Aim aim;
  aim.tier = tier;
  aim.mode = input.query.mode;
  aim.deadline = last.deadline;
  aim.finish = last.deadline - input.query.asked;
  aim.wanted_by = input.query.asked;  // it has waited long enough
  aim.member_timeout = wanted.member_timeout;
  aim.answer_max = answer_max(so_far, wanted);
  aim.wishes = wishes_of(input, so_far);
  aim.preference = Preference::time;
  aim.members_max =
      std::max(1, std::min(wanted.members_max, static_cast<int>(last.asks.size()) - 1));
  auto plan = draft(input, aim, options);
  if (!plan) return std::nullopt;
  return std::move(*plan);
}

}  // namespace kai
