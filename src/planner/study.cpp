// What a question teaches beside being answered: rarely, by its seed alone, so that it replays.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "planner/planner.h"

namespace kai {

Study study_of(const Query& query, Shape shape, int full, const StudyOptions& options) {
  // Open text has neither a vote to stop nor an order that matters; what the user chose stands.
  const bool free = query.mode == Mode::adaptive && query.models.empty() && !query.hear_all;
  if (shape == Shape::open || !query.recorded || !free) return Study::nothing;
  // While the rule has too little to learn from, more: it pays the sooner. A smaller share that the
  // user set stands, zero above all.
  constexpr double first_factor = 20, first_max = 0.2;
  const bool first = full < full_questions_min;
  const double share =
      !first ? options.full_share
             : std::max(options.full_share, std::min(first_max, options.full_share * first_factor));
  Random random(derive_seed(query.seed, "study"));
  const double draw = random.unit();
  if (draw < share) return query.tier ? Study::nothing : Study::in_full;
  return draw < share + options.order_share ? Study::order : Study::nothing;
}

std::vector<int> drawn_order(std::span<const ModelSkill> skills, std::uint64_t seed) {
  std::vector<double> draws;
  for (const ModelSkill& skill : skills) {
    // Of Beta(a, b) with a + b >= 40, which is about normal; each model has a stream of its own.
    Random random(derive_seed(seed, "order " + skill.key));
    const double p = std::clamp(skill.chance, 0.0, 1.0);
    const double questions = prior_questions + std::max(skill.labels, 0);
    draws.push_back(p + std::sqrt(p * (1 - p) / (questions + 1)) * random.normal());
  }
  std::vector<std::size_t> places(skills.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::ranges::sort(places, {}, [&](std::size_t at) { return std::pair(-draws[at], at); });
  std::vector<int> order(skills.size());
  for (std::size_t place = 0; place < places.size(); ++place) {
    order[places[place]] = static_cast<int>(place);
  }
  return order;
}

bool asks_all(const Plan& plan, const Fleet& fleet, Time now, const PlannerOptions& options) {
  const auto asked = [&](const Model& model) {
    return !model.refused.empty() ||
           std::ranges::find(plan.asks, model.id, &Ask::model) != plan.asks.end();
  };
  const double left = seconds(plan.deadline - now);
  return std::ranges::all_of(fleet.models, asked) &&
         seconds(plan.predicted) <= (1 - options.time_margin) * left;
}

}  // namespace kai
