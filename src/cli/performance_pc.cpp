#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "cli/doctor_timeouts.h"
#include "cli/performance.h"
#include "report/rows.h"
#include "sim/naive.h"
#include "sim/pc_trial.h"

namespace kai {

namespace {

constexpr std::array tiers{Tier::simple, Tier::medium, Tier::complex, Tier::expert};
constexpr std::uint64_t repeats = 5;      // of each question at each tier
constexpr std::size_t curve_models = 16;  // kai asks 12 at most

std::vector<report::QuestionSample> samples_of(const PcFleet& fleet,
                                               const CoordinatorOptions& options) {
  std::vector<report::QuestionSample> samples;
  for (const Tier tier : tiers) {
    Query how;
    how.tier = tier;
    for (const auto text : sample_questions()) {
      for (std::uint64_t seed = 1; seed <= repeats; ++seed) {
        const auto question = written_question(
            fleet, std::string(text),
            {.seed = seed, .tier = tier, .tokens = {}, .planner = options.planner});
        samples.push_back(report::sample_of(try_question(fleet, question, how, options).trial));
      }
    }
  }
  return samples;
}

// The first so many members, as the tables of an earlier simulation have it: 200 tokens to read,
// 256 to write. Nothing: kai cannot ask and hear them all.
std::optional<CurvePoint> point_of(const PcFleet& fleet, std::size_t models,
                                   CoordinatorOptions options) {
  for (auto& tier : options.planner.tiers) {
    tier.timeout = tier.member_timeout = std::chrono::hours(1);
  }
  PcFleet some{.pc = fleet.pc, .members = fleet.members, .priors = fleet.priors};
  some.members.resize(models);
  some.priors.resize(models);
  const PcQuestion work;
  std::string text = "Explain this:";
  const auto chars = static_cast<std::size_t>(static_cast<double>(work.prompt.count) *
                                              options.planner.chars_per_token);
  while (text.size() < chars) text += " word";
  Query how;
  how.mode = Mode::all;
  how.answer_max = work.answer * 2;  // a plan expects half of it to be written
  const auto question = written_question(some, std::move(text), {.tokens = work.answer});
  options.planner.splits = true;
  const PcTrial split = try_question(some, question, how, options).trial;
  options.planner.splits = false;
  const PcTrial trial = try_question(some, question, how, options).trial;
  for (const PcTrial* one : {&split, &trial}) {
    const bool all_asked = std::cmp_greater_equal(one->asked, models);
    if (!one->answered() || !all_asked || one->all_cut) return std::nullopt;
    if (!one->original_refused.empty()) return std::nullopt;
  }
  return CurvePoint{.models = static_cast<int>(models),
                    .adaptive = trial.kai_all.time,
                    .original = trial.original.time,
                    .split = split.kai_all.time,
                    .bound = from_seconds(bound(fleet.pc, some.members, work).count()),
                    .adaptive_gpu = trial.kai_all.gpu_busy,
                    .split_gpu = split.kai_all.gpu_busy,
                    .original_gpu = trial.original.gpu_busy};
}

}  // namespace

PerformanceReport simulated_performance(const Pc& pc, const std::vector<std::size_t>& members,
                                        const CoordinatorOptions& options) {
  const PcFleet fleet = fleet_of(pc, members);
  PerformanceReport report;
  report.subject = pc.what;
  report.simulated = true;
  for (const std::size_t member : members) report.models.push_back(pc.models[member].name);
  for (const auto& tier : options.planner.tiers) report.aims.push_back(tier.aim);
  const auto samples = samples_of(fleet, options);
  report.tiers = report::by_tier(samples);
  report.kinds = report::by_kind(samples);
  for (std::size_t models = 1; models <= std::min(members.size(), curve_models); ++models) {
    const auto point = point_of(fleet, models, options);
    if (!point) {
      report.missing.push_back(
          {fmt::format("what the first {} models take together: this PC does not hold {}, or it "
                       "takes more than an hour",
                       models, pc.models[members[models - 1]].name),
           "kai simulate --pc FILE --mode all \"…\""});
      break;
    }
    report.curve.push_back(*point);
  }
  Query how;
  how.tier = Tier::complex;
  const auto example =
      written_question(fleet, std::string(sample_questions()[2]),
                       {.seed = 1, .tier = how.tier, .tokens = {}, .planner = options.planner});
  report.example = try_question(fleet, example, how, options).trial;
  const PcWorld world(pc, {.members = members, .priors = fleet.priors});
  report.cards = world.cards();
  report.timeouts = tier_times(world.fleet(), world.cards(), options.planner);
  report.missing.push_back(
      {"whether answers are right is not simulated; with recorded answers of real models it is in "
       "the page that this writes",
       "make bench-pc ARGS=\"--panel FOLDER --report docs\""});
  return report;
}

}  // namespace kai
