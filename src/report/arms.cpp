#include "report/arms.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/ensure.h"
#include "consensus/replay.h"
#include "report/statistics.h"

namespace kai::report {

namespace {

Duration compute_of(const Answer& answer) {
  return answer.timings.prefill + answer.timings.decode;
}

ArmResult result_of(const Problem& problem, const Outcome& outcome) {
  ArmResult result;
  result.answered = outcome.answered();
  result.right = right(problem, outcome.answered() ? outcome.verdict.text : std::string());
  result.agreement = outcome.answered() ? outcome.verdict.agreement : 0;
  result.latency = outcome.latency;
  for (const auto& answer : outcome.answers) {
    result.written += answer.usage.answer;
    result.compute += compute_of(answer);
  }
  return result;
}

Recorded recorded_of(const Outcome& outcome, Shape shape) {
  Recorded recorded;
  recorded.id = outcome.query.id;
  recorded.question = outcome.query.question();
  recorded.shape = shape;
  if (!outcome.plans.empty()) recorded.asks = outcome.plans.back().asks;
  recorded.answers = outcome.answers;
  recorded.verdict = outcome.verdict;
  return recorded;
}

std::vector<ModelId> models_asked(const Recorded& recorded) {
  std::vector<ModelId> models;
  for (const auto& ask : recorded.asks) {
    if (std::ranges::find(models, ask.model) == models.end()) models.push_back(ask.model);
  }
  return models;
}

// Each model that was asked, with what the others would have answered.
std::vector<ModelPart> parts_of(const Problem& problem, const Recorded& recorded,
                                const ConsensusOptions& options) {
  const std::vector<ModelId> models = models_asked(recorded);
  std::vector<ModelPart> parts;
  for (const auto& model : models) {
    ModelPart part{.model = model, .right_without = {}, .compute = {}};
    for (const auto& answer : recorded.answers) {
      if (answer.model == model) part.compute += compute_of(answer);
    }
    if (models.size() > 1) {
      ReplayRules rules;
      rules.consensus = options;
      rules.models = models;
      std::erase(*rules.models, model);
      part.right_without = right(problem, replay(recorded, rules).verdict.text);
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

ArmSummary summary_of(Arm arm, std::span<const Trial> trials) {
  ArmSummary summary;
  summary.arm = arm;
  std::vector<Duration> latencies;
  Duration latency_sum{};
  for (const auto& trial : trials) {
    const ArmResult& result = trial.of(arm);
    latencies.push_back(result.latency);
    latency_sum += result.latency;
    summary.agreement += result.agreement;
    summary.written += result.written;
    summary.compute += result.compute;
    if (!result.answered) ++summary.unanswered;
    if (!result.right) continue;
    const bool best_right = trial.of(Arm::best).right.value_or(false);
    ++summary.marked;
    if (*result.right) ++summary.right;
    if (*result.right && !best_right) ++summary.against_best.won;
    if (!*result.right && best_right) ++summary.against_best.lost;
  }
  Paired& paired = summary.against_best;
  paired.p = sign_test(paired.won, paired.lost);
  summary.accuracy = wilson(summary.right, summary.marked);
  if (trials.empty()) return summary;
  summary.agreement /= static_cast<double>(trials.size());
  summary.latency_mean = latency_sum / static_cast<std::int64_t>(trials.size());
  summary.latency_median = quantile(latencies, 0.5);
  summary.latency_p90 = quantile(latencies, 0.9);
  return summary;
}

std::vector<ModelWorth> worths_of(std::span<const Trial> trials) {
  std::map<ModelId, ModelWorth> worths;
  for (const auto& trial : trials) {
    const std::optional<bool> with = trial.of(Arm::all).right;
    for (const auto& part : trial.models) {
      ModelWorth& worth = worths[part.model];
      worth.model = part.model;
      worth.compute += part.compute;
      if (!with || !part.right_without) continue;
      ++worth.marked;
      if (*with) ++worth.right_with;
      if (*part.right_without) ++worth.right_without;
      if (*part.right_without && !*with) ++worth.without.won;
      if (!*part.right_without && *with) ++worth.without.lost;
    }
  }
  std::vector<ModelWorth> list;
  for (auto& [model, worth] : worths) {
    worth.without.p = sign_test(worth.without.won, worth.without.lost);
    list.push_back(std::move(worth));
  }
  return list;
}

}  // namespace

std::string unmarkable(const Problem& problem) {
  const Shape shape = shape_of(problem.question);
  if (shape == Shape::open || canonical(shape, problem.question, problem.answer)) return {};
  return "its answer says nothing that could be compared";
}

std::optional<bool> right(const Problem& problem, std::string_view answer) {
  const Shape shape = shape_of(problem.question);
  if (shape == Shape::open) return std::nullopt;
  const auto said = canonical(shape, problem.question, answer);
  return said && said == canonical(shape, problem.question, problem.answer);
}

Trial trial_of(const Problem& problem, const std::array<Outcome, all_arms.size()>& outcomes,
               const ConsensusOptions& options) {
  Trial trial;
  trial.shape = shape_of(problem.question);
  for (std::size_t at = 0; at < outcomes.size(); ++at) {
    ensure(!outcomes[at].query.messages.empty(), "an outcome of this problem");
    trial.arms[at] = result_of(problem, outcomes[at]);
  }
  const Outcome& all = outcomes[static_cast<std::size_t>(Arm::all)];
  trial.models = parts_of(problem, recorded_of(all, trial.shape), options);
  return trial;
}

Comparison compare(std::span<const Trial> trials) {
  Comparison comparison;
  comparison.problems = static_cast<int>(trials.size());
  for (const Arm arm : all_arms) {
    comparison.arms[static_cast<std::size_t>(arm)] = summary_of(arm, trials);
  }
  comparison.marked = comparison.arms.front().marked;
  comparison.models = worths_of(trials);
  return comparison;
}

const ModelWorth* harmful(const Comparison& comparison) {
  const ModelWorth* worst = nullptr;
  const auto gain = [](const ModelWorth& worth) { return worth.right_without - worth.right_with; };
  for (const auto& worth : comparison.models) {
    if (gain(worth) > (worst == nullptr ? 0 : gain(*worst))) worst = &worth;
  }
  return worst;
}

}  // namespace kai::report
